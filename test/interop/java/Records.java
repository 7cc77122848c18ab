import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Reads and writes records with Kafka's own clients.
 *
 * <pre>
 * read BOOTSTRAP TOPIC...       prints every record of the topics: topic, partition, offset, timestamp, its type,
 *                               key, value, headers
 * write BOOTSTRAP BATCH_SIZE    takes lines of topic, partition, compression type, "together" or "alone", timestamp
 *                               or "-", key, value, headers on stdin, writes them, and prints for each in the same
 *                               order: partition, offset, timestamp, key, value, headers
 * </pre>
 *
 * Columns are separated by tabs. On stdin, data is "-" for null, "b:" and bytes in hex, or "t:" and UTF-16 in hex,
 * which Kafka's StringSerializer makes bytes of; headers are key (the hex of its UTF-16), "=" and data, joined with
 * commas. On stdout, bytes are "-" for null, hex, or a digest where that would be long (see bytes.ts).
 */
public final class Records {
    private static final HexFormat HEX = HexFormat.of();
    private static final int LONGEST_SHOWN = 1024;
    private static final Duration TIME_LIMIT = Duration.ofSeconds(30);
    private static final PrintStream OUT = new PrintStream(System.out, false, StandardCharsets.UTF_8);

    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("read")) {
            read(arguments[1], Arrays.asList(arguments).subList(2, arguments.length));
        } else {
            write(arguments[1], arguments[2]);
        }
        OUT.flush();
    }

    private static void read(String bootstrap, List<String> topics) throws Exception {
        Map<String, Object> config = Map.of("bootstrap.servers", bootstrap, "enable.auto.commit", false);
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(config, bytes, bytes)) {
            List<TopicPartition> partitions = new ArrayList<>();
            for (String topic : topics) {
                for (PartitionInfo partition : consumer.partitionsFor(topic)) {
                    partitions.add(new TopicPartition(topic, partition.partition()));
                }
            }
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
            long deadline = System.nanoTime() + TIME_LIMIT.toNanos();
            while (partitions.stream().anyMatch(partition -> consumer.position(partition) < ends.get(partition))) {
                if (System.nanoTime() > deadline) {
                    throw new IllegalStateException("the ends of the partitions were not reached: " + ends);
                }
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
                    row(record.topic(), record.partition(), record.offset(), record.timestamp(),
                        record.timestampType().name(), show(record.key()), show(record.value()),
                        show(record.headers()));
                }
            }
        }
    }

    private static void write(String bootstrap, String batchSize) throws Exception {
        Map<String, KafkaProducer<byte[], byte[]>> producers = new HashMap<>();
        List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
        List<Future<RecordMetadata>> written = new ArrayList<>();
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] column = line.split("\t", -1);
            boolean together = column[3].equals("together");
            KafkaProducer<byte[], byte[]> producer = producers.computeIfAbsent(column[2] + together, key -> {
                ByteArraySerializer bytes = new ByteArraySerializer();
                return new KafkaProducer<>(Map.of(
                    "bootstrap.servers", bootstrap,
                    "compression.type", column[2],
                    "batch.size", together ? batchSize : "0",
                    "linger.ms", together ? 1000 : 0,
                    "max.request.size", 8_000_000), bytes, bytes);
            });
            ProducerRecord<byte[], byte[]> record = new ProducerRecord<>(
                column[0], Integer.valueOf(column[1]), column[4].equals("-") ? null : Long.valueOf(column[4]),
                data(column[5]), data(column[6]), headers(column[7]));
            records.add(record);
            Future<RecordMetadata> metadata = producer.send(record);
            written.add(metadata);
            if (!together) {
                metadata.get();
            }
        }
        producers.values().forEach(KafkaProducer::close);
        for (int i = 0; i < records.size(); i++) {
            ProducerRecord<byte[], byte[]> record = records.get(i);
            RecordMetadata metadata = written.get(i).get();
            row(metadata.partition(), metadata.offset(), metadata.timestamp(), show(record.key()),
                show(record.value()), show(record.headers()));
        }
    }

    private static List<Header> headers(String column) {
        List<Header> headers = new ArrayList<>();
        for (String header : column.isEmpty() ? new String[0] : column.split(",")) {
            int at = header.indexOf('=');
            headers.add(new RecordHeader(text(header.substring(0, at)), data(header.substring(at + 1))));
        }
        return headers;
    }

    private static byte[] data(String column) {
        if (column.equals("-")) {
            return null;
        }
        String hex = column.substring(2);
        return column.startsWith("b:") ? HEX.parseHex(hex) : new StringSerializer().serialize(null, text(hex));
    }

    /** Not through a charset, which would replace lone surrogates here already. */
    private static String text(String hex) {
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < hex.length(); at += 4) {
            text.append((char) HexFormat.fromHexDigits(hex, at, at + 4));
        }
        return text.toString();
    }

    private static String show(byte[] bytes) {
        if (bytes == null) {
            return "-";
        }
        if (bytes.length <= LONGEST_SHOWN) {
            return HEX.formatHex(bytes);
        }
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(bytes);
            return "sha256:" + HEX.formatHex(digest) + ":" + bytes.length;
        } catch (java.security.NoSuchAlgorithmException impossible) {
            throw new IllegalStateException(impossible);
        }
    }

    private static String show(Iterable<Header> headers) {
        return StreamSupport.stream(headers.spliterator(), false)
            .map(header -> show(header.key().getBytes(StandardCharsets.UTF_8)) + "=" + show(header.value()))
            .collect(Collectors.joining(","));
    }

    private static void row(Object... columns) {
        OUT.print(Arrays.stream(columns).map(String::valueOf).collect(Collectors.joining("\t")) + "\n");
    }
}
