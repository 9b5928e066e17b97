/* SPDX-License-Identifier: Apache-2.0 */
import java.nio.file.Path;
import org.neo4j.harness.Neo4jBuilders;

/** Runs a Neo4j in a folder, prints the address for its clients, and ends with standard input. */
public class Graph {
    public static void main(String[] arguments) throws Exception {
        try (var graph = Neo4jBuilders.newInProcessBuilder(Path.of(arguments[0]))
                .withDisabledServer().build()) {
            System.out.println(graph.boltURI());
            while (System.in.read() >= 0) {
                // whoever started us is still there
            }
        }
    }
}
