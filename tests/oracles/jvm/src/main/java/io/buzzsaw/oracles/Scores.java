package io.buzzsaw.oracles;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.lucene.analysis.core.WhitespaceAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.NoMergePolicy;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.BooleanClause;
import org.apache.lucene.search.BooleanQuery;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.search.similarities.BM25Similarity;
import org.apache.lucene.search.similarities.LMDirichletSimilarity;
import org.apache.lucene.search.similarities.LMJelinekMercerSimilarity;
import org.apache.lucene.search.similarities.Similarity;
import org.apache.lucene.store.ByteBuffersDirectory;

/**
 * Reads documents, one a line, as terms with spaces between; an empty line; then pairs, one a line: a document's number and the
 * terms of a query. Writes the scores of each pair as the bits of floats: BM25 with k1 and b (the first two arguments), and the
 * language models of Dirichlet (mu, the third) and Jelinek-Mercer (lambda, the fourth).
 */
public final class Scores {
    private Scores() {}

    public static void main(String[] args) throws IOException {
        List<Similarity> similarities =
                List.of(
                        new BM25Similarity(Float.parseFloat(args[0]), Float.parseFloat(args[1])),
                        new LMDirichletSimilarity(Float.parseFloat(args[2])),
                        new LMJelinekMercerSimilarity(Float.parseFloat(args[3])));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        PrintStream out = new PrintStream(new BufferedOutputStream(System.out, 1 << 16), false, StandardCharsets.US_ASCII);
        try (ByteBuffersDirectory directory = new ByteBuffersDirectory()) {
            // All similarities of the library write the same norms: the document's length in one byte.
            IndexWriterConfig config = new IndexWriterConfig(new WhitespaceAnalyzer()).setMergePolicy(NoMergePolicy.INSTANCE);
            config.setRAMBufferSizeMB(1024);
            try (IndexWriter writer = new IndexWriter(directory, config)) {
                for (String line = in.readLine(); !line.isEmpty(); line = in.readLine()) {
                    Document document = new Document();
                    document.add(new TextField("text", line, Field.Store.NO));
                    writer.addDocument(document);
                }
            }
            try (DirectoryReader reader = DirectoryReader.open(directory)) {
                List<IndexSearcher> searchers = new ArrayList<>();
                for (Similarity similarity : similarities) {
                    IndexSearcher searcher = new IndexSearcher(reader);
                    searcher.setSimilarity(similarity);
                    searchers.add(searcher);
                }
                for (String line = in.readLine(); line != null; line = in.readLine()) {
                    String[] words = line.split(" ");
                    BooleanQuery.Builder query = new BooleanQuery.Builder();
                    for (int i = 1; i < words.length; i++) {
                        query.add(new TermQuery(new Term("text", words[i])), BooleanClause.Occur.SHOULD);
                    }
                    StringBuilder row = new StringBuilder();
                    for (IndexSearcher searcher : searchers) {
                        float score = searcher.explain(query.build(), Integer.parseInt(words[0])).getValue().floatValue();
                        row.append(Integer.toHexString(Float.floatToIntBits(score))).append(' ');
                    }
                    out.print(row.append('\n'));
                }
            }
        }
        out.flush();
    }
}
