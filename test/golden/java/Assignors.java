import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.GroupSubscription;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.CooperativeStickyAssignor;
import org.apache.kafka.clients.consumer.RangeAssignor;
import org.apache.kafka.clients.consumer.RoundRobinAssignor;
import org.apache.kafka.clients.consumer.StickyAssignor;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.utils.Utils;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;

/**
 * Assigns partitions with Kafka's own assignors, as the leader of a group does it. Takes lines on stdin, with tabs
 * between the columns:
 *
 * <pre>
 * assign ASSIGNOR TOPICS MEMBERS          "ok" and each member's assignment, or "error" and which one
 * rest ASSIGNOR TOPICS MEMBERS            after how many rebalances nobody gives anything up any more, if members do
 *                                         as they are told and join again where they gave something up; or "never"
 * user-data ASSIGNOR GENERATION BYTES     what the assignor of a member says, in hex, that was assigned these bytes
 *                                         in that generation, or nothing yet where they are "none"; "-" for nothing
 * names                                   each assignor's name, version and rebalance protocols
 * </pre>
 *
 * TOPICS are NAME=RACKS,RACKS... with the racks of each partition's replicas, joined by "+", "?" for a broker that
 * tells none, and ";" between topics. MEMBERS are ID:INSTANCE:BYTES with ";" between them: id and instance id ("-" for
 * none) as UTF-8 in hex, and the subscription in hex. Assignments are printed as ID:BYTES.
 */
public final class Assignors {
    private static final HexFormat HEX = HexFormat.of();
    /** Groups that come to rest at all do within ten or so. */
    private static final int MOST_REBALANCES = 100;

    public static void main(String[] arguments) throws Exception {
        // The sticky ones tell of every assignment, and of every contradiction among members.
        Configurator.setRootLevel(Level.OFF);
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) out.println(answer(line.split("\t", -1)));
        out.flush();
    }

    private static String answer(String[] columns) {
        return switch (columns[0]) {
            case "assign" -> assign(assignor(columns[1]), columns[2], columns[3]);
            case "rest" -> rest(assignor(columns[1]), cluster(columns[2]), subscriptions(columns[3]));
            case "user-data" -> userData(assignor(columns[1]), Integer.parseInt(columns[2]), columns[3]);
            case "names" -> names();
            default -> throw new IllegalArgumentException("no such question: " + columns[0]);
        };
    }

    private static String assign(ConsumerPartitionAssignor assignor, String topics, String members) {
        Map<String, Assignment> assignments;
        try {
            assignments = assignor.assign(cluster(topics), new GroupSubscription(subscriptions(members))).groupAssignment();
        } catch (RuntimeException failure) {
            return "error\t" + failure.getClass().getSimpleName();
        }
        List<String> printed = new ArrayList<>();
        assignments.forEach((id, assignment) -> {
            byte[] bytes = Utils.toArray(ConsumerProtocol.serializeAssignment(assignment));
            printed.add(HEX.formatHex(id.getBytes(StandardCharsets.UTF_8)) + ":" + HEX.formatHex(bytes));
        });
        return "ok\t" + String.join(";", printed);
    }

    private static String rest(ConsumerPartitionAssignor assignor, Cluster cluster, Map<String, Subscription> subscriptions) {
        int generation = subscriptions.values().stream().mapToInt(each -> each.generationId().orElse(0)).max().orElse(0);
        for (int rebalances = 1; rebalances <= MOST_REBALANCES; rebalances++) {
            Map<String, Assignment> assignments = assignor.assign(cluster, new GroupSubscription(subscriptions)).groupAssignment();
            Map<String, Subscription> next = new HashMap<>();
            boolean givenUp = false;
            for (String id : subscriptions.keySet()) {
                Subscription before = subscriptions.get(id);
                List<TopicPartition> assigned = assignments.get(id).partitions();
                givenUp |= !new HashSet<>(assigned).containsAll(before.ownedPartitions());
                next.put(id, new Subscription(before.topics(), null, assigned, generation + rebalances, before.rackId()));
            }
            if (!givenUp) return Integer.toString(rebalances);
            subscriptions = next;
        }
        return "never";
    }

    private static Map<String, Subscription> subscriptions(String members) {
        Map<String, Subscription> subscriptions = new HashMap<>();
        for (String member : members.split(";")) {
            String[] parts = member.split(":", -1);
            Subscription subscription = ConsumerProtocol.deserializeSubscription(ByteBuffer.wrap(HEX.parseHex(parts[2])));
            subscription.setGroupInstanceId(parts[1].equals("-") ? Optional.empty() : Optional.of(text(parts[1])));
            subscriptions.put(text(parts[0]), subscription);
        }
        return subscriptions;
    }

    private static Cluster cluster(String topics) {
        List<PartitionInfo> partitions = new ArrayList<>();
        for (String topic : topics.isEmpty() ? new String[0] : topics.split(";")) {
            String[] nameAndRacks = topic.split("=", -1);
            String[] racks = nameAndRacks[1].split(",", -1);
            for (int i = 0; i < racks.length; i++) {
                List<Node> replicas = new ArrayList<>();
                for (String rack : racks[i].isEmpty() ? new String[0] : racks[i].split("\\+")) {
                    replicas.add(new Node(replicas.size(), "broker", 9092, rack.equals("?") ? null : rack));
                }
                Node[] all = replicas.toArray(new Node[0]);
                partitions.add(new PartitionInfo(nameAndRacks[0], i, Node.noNode(), all, all));
            }
        }
        return new Cluster("cluster", List.of(), partitions, Set.of(), Set.of());
    }

    @SuppressWarnings("removal")
    private static String userData(ConsumerPartitionAssignor assignor, int generation, String bytes) {
        if (!bytes.equals("none")) {
            Assignment assignment = ConsumerProtocol.deserializeAssignment(ByteBuffer.wrap(HEX.parseHex(bytes)));
            assignor.onAssignment(assignment, new ConsumerGroupMetadata("group", generation, "member", Optional.empty()));
        }
        ByteBuffer userData = assignor.subscriptionUserData(Set.of());
        return userData == null ? "-" : HEX.formatHex(Utils.toArray(userData));
    }

    private static String names() {
        List<String> printed = new ArrayList<>();
        for (String name : List.of("range", "roundrobin", "sticky", "cooperative-sticky")) {
            ConsumerPartitionAssignor assignor = assignor(name);
            printed.add(assignor.getClass().getName() + ":" + assignor.name() + ":" + assignor.version() + ":" + assignor.supportedProtocols());
        }
        return String.join("\t", printed);
    }

    private static ConsumerPartitionAssignor assignor(String name) {
        return switch (name) {
            case "range" -> new RangeAssignor();
            case "roundrobin" -> new RoundRobinAssignor();
            case "sticky" -> new StickyAssignor();
            case "cooperative-sticky" -> new CooperativeStickyAssignor();
            default -> throw new IllegalArgumentException("no such assignor: " + name);
        };
    }

    private static String text(String hex) {
        return new String(HEX.parseHex(hex), StandardCharsets.UTF_8);
    }
}
