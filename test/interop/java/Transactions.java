import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Writes by several transactional producers of Kafka's own at once, whose transactions overlap and end in every order,
 * some committed and some aborted, and by one without transactions.
 *
 * <pre>
 * BOOTSTRAP TOPIC PARTITIONS SEED STEPS    prints the value of each record that is to be seen by who reads committed
 *                                          records
 * </pre>
 */
public final class Transactions {
    private static final int PRODUCERS = 4;

    public static void main(String[] arguments) throws Exception {
        String topic = arguments[1];
        int partitions = Integer.parseInt(arguments[2]);
        Random random = new Random(Long.parseLong(arguments[3]));
        int steps = Integer.parseInt(arguments[4]);
        StringSerializer text = new StringSerializer();
        List<String> committed = new ArrayList<>();
        List<KafkaProducer<String, String>> producers = new ArrayList<>();
        List<List<String>> open = new ArrayList<>();
        for (int i = 0; i < PRODUCERS; i++) {
            String id = topic + "-" + i;
            Map<String, Object> config = Map.of("bootstrap.servers", arguments[0], "transactional.id", id, "linger.ms", 0);
            KafkaProducer<String, String> producer = new KafkaProducer<>(config, text, text);
            producer.initTransactions();
            producers.add(producer);
            open.add(null);
        }
        Map<String, Object> plain = Map.of("bootstrap.servers", arguments[0]);
        try (KafkaProducer<String, String> outside = new KafkaProducer<>(plain, text, text)) {
            for (int step = 0; step < steps; step++) {
                int which = random.nextInt(PRODUCERS + 1);
                String value = "value-" + step;
                ProducerRecord<String, String> record = new ProducerRecord<>(topic, random.nextInt(partitions), null, value);
                if (which == PRODUCERS) {
                    outside.send(record).get();
                    committed.add(value);
                } else if (open.get(which) == null || random.nextInt(4) > 0) {
                    if (open.get(which) == null) {
                        producers.get(which).beginTransaction();
                        open.set(which, new ArrayList<>());
                    }
                    // Waited for, so that records of several producers lie between each other.
                    producers.get(which).send(record).get();
                    open.get(which).add(value);
                } else {
                    end(producers.get(which), open.get(which), random.nextBoolean(), committed);
                    open.set(which, null);
                }
            }
        }
        for (int i = 0; i < PRODUCERS; i++) {
            if (open.get(i) != null) {
                end(producers.get(i), open.get(i), i % 2 == 0, committed);
            }
            producers.get(i).close();
        }
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.US_ASCII);
        for (String value : committed) {
            out.print(value + "\n");
        }
        out.flush();
    }

    private static void end(KafkaProducer<String, String> producer, List<String> values, boolean isCommitted, List<String> committed) {
        if (isCommitted) {
            producer.commitTransaction();
            committed.addAll(values);
        } else {
            producer.flush();
            producer.abortTransaction();
        }
    }
}
