import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.SaslConfigs;
import org.apache.kafka.common.config.types.Password;
import org.apache.kafka.common.security.JaasContext;

/**
 * What Kafka and Java make of settings. With "names": a row for each setting of each client, with its default. Without:
 * for every line of stdin, "properties", "jaas" or a type of ConfigDef and a text in hex, one line of what came out:
 * "error", or hex of UTF-16 with "=" and "," between.
 */
public class Configs {
    public static void main(String[] args) throws Exception {
        if (args.length > 0 && args[0].equals("names")) {
            names("producer", ProducerConfig.configDef());
            names("consumer", ConsumerConfig.configDef());
            names("admin", AdminClientConfig.configDef());
            return;
        }
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        StringBuilder out = new StringBuilder();
        for (String line; (line = in.readLine()) != null; ) {
            String[] parts = line.split("\t", -1);
            out.append(answer(parts[0], text(parts[1]))).append('\n');
        }
        System.out.print(out);
    }

    private static void names(String client, ConfigDef definition) {
        definition.configKeys().forEach((name, key) -> System.out.println(client + "\t" + name + "\t" + key.defaultValue));
    }

    private static String answer(String kind, String text) {
        try {
            switch (kind) {
                case "properties":
                    Properties properties = new Properties();
                    properties.load(new StringReader(text));
                    Map<String, String> sorted = new TreeMap<>();
                    properties.forEach((key, value) -> sorted.put((String) key, (String) value));
                    return pairs(sorted);
                case "jaas":
                    JaasContext context =
                        JaasContext.loadClientContext(Map.of(SaslConfigs.SASL_JAAS_CONFIG, new Password(text)));
                    AppConfigurationEntry entry = context.configurationEntries().get(0);
                    Map<String, String> options = new TreeMap<>();
                    entry.getOptions().forEach((key, value) -> options.put(key, (String) value));
                    return hex(entry.getLoginModuleName()) + "\t" + pairs(options);
                default:
                    return hex(String.valueOf(ConfigDef.parseType("x", text, ConfigDef.Type.valueOf(kind))));
            }
        } catch (RuntimeException | java.io.IOException e) {
            return "error";
        }
    }

    private static String pairs(Map<String, String> map) {
        StringBuilder out = new StringBuilder();
        map.forEach((key, value) -> out.append(hex(key)).append('=').append(hex(value)).append(','));
        return out.toString();
    }

    private static String hex(String text) {
        return HexFormat.of().formatHex(text.getBytes(StandardCharsets.UTF_16BE));
    }

    private static String text(String hex) {
        return new String(HexFormat.of().parseHex(hex), StandardCharsets.UTF_16BE);
    }
}
