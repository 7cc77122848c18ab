import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * One member of a group, of Kafka's own client. It prints what it holds whenever that has changed, and leaves when its
 * stdin ends.
 *
 * <pre>
 * BOOTSTRAP GROUP TOPIC KEY=VALUE...
 * </pre>
 */
public final class GroupMember {
    private static final PrintStream OUT = new PrintStream(System.out, true, StandardCharsets.UTF_8);
    private static volatile boolean leaves;

    public static void main(String[] arguments) throws Exception {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", arguments[0]);
        config.put("group.id", arguments[1]);
        for (int i = 3; i < arguments.length; i++) {
            String[] pair = arguments[i].split("=", 2);
            config.put(pair[0], pair[1]);
        }
        Thread reader = new Thread(GroupMember::awaitEnd);
        reader.setDaemon(true);
        reader.start();
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        String last = null;
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config, bytes, bytes)) {
            consumer.subscribe(List.of(arguments[2]));
            while (!leaves) {
                consumer.poll(Duration.ofMillis(50));
                String held = consumer.assignment().stream()
                    .map(TopicPartition::toString)
                    .sorted()
                    .collect(Collectors.joining(" "));
                if (!held.equals(last)) {
                    OUT.println(held);
                }
                last = held;
            }
        }
    }

    private static void awaitEnd() {
        try {
            while (System.in.read() >= 0) {
                // Only the end says something.
            }
        } catch (java.io.IOException error) {
            // As good as the end.
        }
        leaves = true;
    }
}
