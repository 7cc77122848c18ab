import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.apache.kafka.common.utils.Utils;

/**
 * Says where Kafka's own client puts keys.
 *
 * <pre>
 * BOOTSTRAP TOPIC MAX_PARTITIONS    takes keys on stdin, one per line: "b:" and bytes in hex, or "t:" and UTF-16 in
 *                                   hex, which Kafka's StringSerializer makes bytes of; writes to the topic one
 *                                   record under each, with the key's number (from 0) as its value; and prints for
 *                                   each: murmur2 made positive; the partition of 1, 2, ... MAX_PARTITIONS as a byte
 *                                   each, in hex; the partition that the record went to
 * </pre>
 */
public final class Partitions {
    private static final HexFormat HEX = HexFormat.of();

    public static void main(String[] arguments) throws Exception {
        String topic = arguments[1];
        int maxPartitions = Integer.parseInt(arguments[2]);
        List<byte[]> keys = new ArrayList<>();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            keys.add(key(line));
        }

        List<Future<RecordMetadata>> written = new ArrayList<>();
        ByteArraySerializer bytes = new ByteArraySerializer();
        Map<String, Object> config = Map.of("bootstrap.servers", arguments[0]);
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config, bytes, bytes)) {
            for (int i = 0; i < keys.size(); i++) {
                byte[] value = Integer.toString(i).getBytes(StandardCharsets.US_ASCII);
                written.add(producer.send(new ProducerRecord<>(topic, keys.get(i), value)));
            }
        }

        PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
        for (int i = 0; i < keys.size(); i++) {
            int hash = Utils.toPositive(Utils.murmur2(keys.get(i)));
            byte[] partitions = new byte[maxPartitions];
            for (int count = 1; count <= maxPartitions; count++) {
                partitions[count - 1] = (byte) (hash % count);
            }
            out.print(hash + "\t" + HEX.formatHex(partitions) + "\t" + written.get(i).get().partition() + "\n");
        }
        out.flush();
    }

    private static byte[] key(String line) {
        String hex = line.substring(2);
        if (line.startsWith("b:")) {
            return HEX.parseHex(hex);
        }
        // Not through a charset, which would replace lone surrogates here already.
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < hex.length(); at += 4) {
            text.append((char) HexFormat.fromHexDigits(hex, at, at + 4));
        }
        return new StringSerializer().serialize(null, text.toString());
    }
}
