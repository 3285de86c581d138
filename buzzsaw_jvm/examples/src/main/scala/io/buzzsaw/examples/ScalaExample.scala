package io.buzzsaw.examples

import io.buzzsaw.Pipeline
import java.nio.file.Path
import scala.util.Using

/** The example of the README. */
object ScalaExample {
  def main(arguments: Array[String]): Unit = {
    Using.Manager { use =>
      val pipeline = use(Pipeline.load(Path.of("shop.buzzsaw")))
      val batch = use(pipeline.newBatch())
      batch.startGroup()
      batch.setString("query", "red shoes")
      batch.setString("title", "Red running shoes")
      batch.setLong("price_cents", 4999)
      batch.endRow()
      batch.endGroup()
      val features = pipeline.transform(batch)
      println(features.get(0, "title_bm25"))
    }.get
  }
}
