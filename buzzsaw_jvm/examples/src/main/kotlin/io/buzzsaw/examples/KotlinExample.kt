package io.buzzsaw.examples

import io.buzzsaw.Pipeline
import java.nio.file.Path

/** The example of the README. */
object KotlinExample {
  @JvmStatic
  fun main(arguments: Array<String>) {
    Pipeline.load(Path.of("shop.buzzsaw")).use { pipeline ->
      pipeline.newBatch().use { batch ->
        batch.startGroup()
        batch.setString("query", "red shoes")
        batch.setString("title", "Red running shoes")
        batch.setLong("price_cents", 4999)
        batch.endRow()
        batch.endGroup()
        val features = pipeline.transform(batch)
        println(features.get(0, "title_bm25"))
      }
    }
  }
}
