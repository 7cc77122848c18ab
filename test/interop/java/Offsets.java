import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.common.TopicPartition;

/**
 * Says what Kafka's own admin client finds committed by a group, and then commits for it.
 *
 * <pre>
 * BOOTSTRAP GROUP    prints topic, partition, offset, leader epoch (-1 for none) and metadata (UTF-16 in hex) of all
 *                    that the group has committed; then takes the same columns on stdin, and commits them
 * </pre>
 */
public final class Offsets {
    private static final HexFormat HEX = HexFormat.of();

    public static void main(String[] arguments) throws Exception {
        String group = arguments[1];
        Map<TopicPartition, OffsetAndMetadata> wanted = new HashMap<>();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] columns = line.split("\t", -1);
            int leaderEpoch = Integer.parseInt(columns[3]);
            Optional<Integer> epoch = leaderEpoch < 0 ? Optional.empty() : Optional.of(leaderEpoch);
            String metadata = new String(HEX.parseHex(columns[4]), StandardCharsets.UTF_16BE);
            wanted.put(new TopicPartition(columns[0], Integer.parseInt(columns[1])),
                new OffsetAndMetadata(Long.parseLong(columns[2]), epoch, metadata));
        }

        PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", arguments[0]))) {
            Map<TopicPartition, OffsetAndMetadata> found =
                admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
            found.forEach((place, committed) -> out.print(String.join("\t",
                place.topic(),
                Integer.toString(place.partition()),
                Long.toString(committed.offset()),
                Integer.toString(committed.leaderEpoch().orElse(-1)),
                hex(committed.metadata())) + "\n"));
            if (!wanted.isEmpty()) {
                admin.alterConsumerGroupOffsets(group, wanted).all().get();
            }
        }
        out.flush();
    }

    private static String hex(String text) {
        ByteBuffer bytes = StandardCharsets.UTF_16BE.encode(text);
        byte[] copy = new byte[bytes.remaining()];
        bytes.get(copy);
        return HEX.formatHex(copy);
    }
}
