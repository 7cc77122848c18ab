import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.ConsumerRebalanceListener;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * Members of groups, of Kafka's own client. Takes the commands, and tells what it sees, of
 * support/groups/member-process.ts. Its argument: bootstrap servers.
 */
public final class GroupMembers {
    private static final Map<String, String> ASSIGNORS = Map.of(
        "range", "RangeAssignor",
        "roundrobin", "RoundRobinAssignor",
        "sticky", "StickyAssignor",
        "cooperative-sticky", "CooperativeStickyAssignor");
    private static final PrintStream OUT = new PrintStream(System.out, false, StandardCharsets.UTF_8);

    public static void main(String[] arguments) throws Exception {
        Map<String, Member> members = new ConcurrentHashMap<>();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] columns = line.split("\t", -1);
            if (columns[0].equals("join")) {
                Member member = new Member(arguments[0], columns);
                members.put(columns[1], member);
                member.start();
            } else {
                members.get(columns[1]).leave();
            }
        }
        System.exit(0);
    }

    private static void tell(Object... columns) {
        String line = List.of(columns).stream().map(String::valueOf).collect(Collectors.joining("\t"));
        synchronized (OUT) {
            OUT.print(line + "\n");
            OUT.flush();
        }
    }

    private static final class Member extends Thread implements ConsumerRebalanceListener {
        private final String name;
        private final KafkaConsumer<byte[], byte[]> consumer;
        private volatile boolean leaves;

        Member(String bootstrap, String[] columns) {
            super(columns[1]);
            name = columns[1];
            Map<String, Object> config = new HashMap<>(Map.of(
                "bootstrap.servers", bootstrap,
                "client.id", name,
                "group.id", columns[2],
                "group.protocol", columns[4],
                "auto.offset.reset", "earliest",
                "auto.commit.interval.ms", columns[8]));
            if (columns[4].equals("consumer")) {
                config.put("group.remote.assignor", columns[5]);
            } else {
                String assignor = ASSIGNORS.get(columns[5]);
                config.put("partition.assignment.strategy", "org.apache.kafka.clients.consumer." + assignor);
                config.put("session.timeout.ms", columns[6]);
                config.put("heartbeat.interval.ms", columns[7]);
            }
            ByteArrayDeserializer bytes = new ByteArrayDeserializer();
            consumer = new KafkaConsumer<>(config, bytes, bytes);
            consumer.subscribe(List.of(columns[3]), this);
        }

        void leave() {
            leaves = true;
        }

        @Override
        public void run() {
            try {
                while (!leaves) {
                    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                        String value = new String(record.value(), StandardCharsets.UTF_8);
                        tell(name, "read", record.partition(), record.offset(), value.split(" ")[0]);
                    }
                }
            } catch (RuntimeException error) {
                tell(name, "failed", String.valueOf(error).replaceAll("\\s+", " "));
            }
            try {
                consumer.close();
            } catch (RuntimeException error) {
                tell(name, "failed", String.valueOf(error).replaceAll("\\s+", " "));
            }
            tell(name, "gone");
        }

        @Override
        public void onPartitionsAssigned(Collection<TopicPartition> partitions) {
            tell(name, "assigned", list(partitions));
        }

        @Override
        public void onPartitionsRevoked(Collection<TopicPartition> partitions) {
            tell(name, "revoked", list(partitions));
        }

        @Override
        public void onPartitionsLost(Collection<TopicPartition> partitions) {
            tell(name, "lost", list(partitions));
        }

        private static String list(Collection<TopicPartition> partitions) {
            return partitions.stream()
                .map(partition -> String.valueOf(partition.partition()))
                .collect(Collectors.joining(","));
        }
    }
}
