import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;

/** Prints the message schemas that lie in the jars of the classpath, one per line, without their comments. */
public final class PrintSchemas {
    public static void main(String[] arguments) throws Exception {
        ObjectMapper json = new ObjectMapper().enable(JsonParser.Feature.ALLOW_COMMENTS);
        TreeMap<String, JsonNode> schemas = new TreeMap<>();
        for (String path : System.getProperty("java.class.path").split(File.pathSeparator)) {
            if (!path.endsWith(".jar")) continue;
            try (JarFile jar = new JarFile(path)) {
                for (JarEntry entry : (Iterable<JarEntry>) jar.stream()::iterator) {
                    if (!entry.getName().matches("common/message/[^/]+\\.json")) continue;
                    JsonNode schema = json.readTree(jar.getInputStream(entry));
                    schemas.put(schema.get("name").asText(), schema);
                }
            }
        }
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        for (JsonNode schema : schemas.values()) out.println(schema);
        out.flush();
    }
}
