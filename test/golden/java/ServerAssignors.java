import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.coordinator.group.api.assignor.ConsumerGroupPartitionAssignor;
import org.apache.kafka.coordinator.group.api.assignor.GroupAssignment;
import org.apache.kafka.coordinator.group.api.assignor.SubscribedTopicDescriber;
import org.apache.kafka.coordinator.group.api.assignor.SubscriptionType;
import org.apache.kafka.coordinator.group.assignor.RangeAssignor;
import org.apache.kafka.coordinator.group.assignor.UniformAssignor;
import org.apache.kafka.coordinator.group.modern.Assignment;
import org.apache.kafka.coordinator.group.modern.GroupSpecImpl;
import org.apache.kafka.coordinator.group.modern.MemberSubscriptionAndAssignmentImpl;
import org.apache.logging.log4j.Level;
import org.apache.logging.log4j.core.config.Configurator;

/**
 * Assigns partitions with the assignors of Kafka's group coordinator. Takes lines on stdin, with tabs between columns:
 *
 * <pre>
 * ASSIGNOR HOMOGENEOUS TOPICS MEMBERS     each member's partitions
 * </pre>
 *
 * TOPICS are ID=PARTITIONS with "," between them, ids in Kafka's text form. MEMBERS are ID:INSTANCE:TOPICS:ASSIGNED with
 * ";" between them: the instance id ("-" for none), ids of topics with "," between them, and TOPIC=PARTITION.PARTITION
 * with "," between topics. Assignments are printed as ID:ASSIGNED, sorted.
 */
public final class ServerAssignors {
    public static void main(String[] arguments) throws Exception {
        Configurator.setRootLevel(Level.OFF);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        StringBuilder answers = new StringBuilder();
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            answers.append(assign(line.split("\t", -1))).append('\n');
        }
        System.out.print(answers);
    }

    private static String assign(String[] columns) {
        ConsumerGroupPartitionAssignor assignor = columns[0].equals("range") ? new RangeAssignor() : new UniformAssignor();
        SubscriptionType type =
            columns[1].equals("true") ? SubscriptionType.HOMOGENEOUS : SubscriptionType.HETEROGENEOUS;
        Map<Uuid, Integer> topics = new HashMap<>();
        for (String topic : columns[2].split(",")) {
            String[] parts = topic.split("=");
            topics.put(Uuid.fromString(parts[0]), Integer.parseInt(parts[1]));
        }
        Map<String, MemberSubscriptionAndAssignmentImpl> members = new LinkedHashMap<>();
        Map<Uuid, Map<Integer, String>> owners = new HashMap<>();
        for (String member : columns[3].split(";")) addMember(member.split(":", -1), members, owners);
        GroupAssignment assigned = assignor.assign(new GroupSpecImpl(members, type, owners), describer(topics));
        Map<String, String> printed = new TreeMap<>();
        for (String memberId : members.keySet()) {
            printed.put(memberId, assigned.members().containsKey(memberId)
                ? print(assigned.members().get(memberId).partitions()) : "");
        }
        StringBuilder answer = new StringBuilder();
        printed.forEach((memberId, partitions) -> answer.append(memberId).append(':').append(partitions).append(';'));
        return answer.toString();
    }

    private static void addMember(
        String[] parts,
        Map<String, MemberSubscriptionAndAssignmentImpl> members,
        Map<Uuid, Map<Integer, String>> owners
    ) {
        Set<Uuid> subscribed = new LinkedHashSet<>();
        if (!parts[2].isEmpty()) for (String topic : parts[2].split(",")) subscribed.add(Uuid.fromString(topic));
        Map<Uuid, Set<Integer>> assigned = new LinkedHashMap<>();
        if (!parts[3].isEmpty()) {
            for (String topic : parts[3].split(",")) {
                String[] partitions = topic.split("=");
                Uuid topicId = Uuid.fromString(partitions[0]);
                for (String partition : partitions[1].split("\\.")) {
                    assigned.computeIfAbsent(topicId, __ -> new TreeSet<>()).add(Integer.valueOf(partition));
                    owners.computeIfAbsent(topicId, __ -> new HashMap<>()).put(Integer.valueOf(partition), parts[0]);
                }
            }
        }
        Optional<String> instanceId = parts[1].equals("-") ? Optional.empty() : Optional.of(parts[1]);
        members.put(parts[0], new MemberSubscriptionAndAssignmentImpl(
            Optional.empty(), instanceId, subscribed, new Assignment(Collections.unmodifiableMap(assigned))));
    }

    private static SubscribedTopicDescriber describer(Map<Uuid, Integer> topics) {
        return new SubscribedTopicDescriber() {
            @Override
            public int numPartitions(Uuid topicId) {
                return topics.getOrDefault(topicId, -1);
            }

            @Override
            public Set<String> racksForPartition(Uuid topicId, int partition) {
                return Set.of();
            }
        };
    }

    private static String print(Map<Uuid, Set<Integer>> partitions) {
        Map<String, String> printed = new TreeMap<>();
        partitions.forEach((topicId, numbers) -> {
            StringBuilder text = new StringBuilder();
            for (Integer number : new TreeSet<>(numbers)) text.append(text.isEmpty() ? "" : ".").append(number);
            printed.put(topicId.toString(), text.toString());
        });
        StringBuilder answer = new StringBuilder();
        printed.forEach((topicId, numbers) -> {
            if (!numbers.isEmpty()) answer.append(answer.isEmpty() ? "" : ",").append(topicId).append('=').append(numbers);
        });
        return answer.toString();
    }
}
