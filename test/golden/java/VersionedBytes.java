import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Assignment;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor.Subscription;
import org.apache.kafka.clients.consumer.internals.ConsumerProtocol;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.ControlRecordUtils;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecord;
import org.apache.kafka.coordinator.common.runtime.CoordinatorRecordSerde;
import org.apache.kafka.coordinator.common.runtime.Deserializer.UnknownRecordTypeException;
import org.apache.kafka.coordinator.common.runtime.Deserializer.UnknownRecordVersionException;
import org.apache.kafka.coordinator.group.GroupCoordinatorRecordSerde;
import org.apache.kafka.coordinator.share.ShareCoordinatorRecordSerde;
import org.apache.kafka.coordinator.transaction.TransactionCoordinatorRecordSerde;

/**
 * Reads bytes that say their own version, through the classes by which Kafka itself reads them, and writes
 * again what was read. Takes lines on stdin:
 *
 * <pre>
 * subscription VERSION BYTES        what the consumer makes of them, written in VERSION
 * assignment VERSION BYTES          the same
 * control KEY VALUE                 type, value
 * group|share|transaction KEY VALUE number of the type, key, value
 * </pre>
 *
 * and prints for each either "ok" and these, "unknown-type", "unknown-version", "unwritable" where Kafka will
 * not write what it has read, such as unknown tags out of order, or "error" and why. Columns are separated by
 * tabs; bytes are hex, and "-" is null.
 */
public final class VersionedBytes {
    private static final HexFormat HEX = HexFormat.of();

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) out.println(answer(line.split("\t", -1)));
        out.flush();
    }

    private static String answer(String[] columns) {
        Supplier<String> written;
        try {
            written = switch (columns[0]) {
                case "subscription" -> subscription(Short.parseShort(columns[1]), bytes(columns[2]));
                case "assignment" -> assignment(Short.parseShort(columns[1]), bytes(columns[2]));
                case "control" -> control(record(bytes(columns[1]), bytes(columns[2])));
                case "group" -> coordinator(new GroupCoordinatorRecordSerde(), bytes(columns[1]), bytes(columns[2]));
                case "share" -> coordinator(new ShareCoordinatorRecordSerde(), bytes(columns[1]), bytes(columns[2]));
                case "transaction" -> coordinator(new TransactionCoordinatorRecordSerde(), bytes(columns[1]), bytes(columns[2]));
                default -> throw new IllegalArgumentException("no such kind: " + columns[0]);
            };
        } catch (UnknownRecordTypeException unknown) {
            return "unknown-type";
        } catch (UnknownRecordVersionException unknown) {
            return "unknown-version";
        } catch (RuntimeException refused) {
            return "error\t" + String.valueOf(refused).replaceAll("\\s+", " ");
        }
        try {
            return "ok\t" + written.get();
        } catch (RuntimeException refused) {
            return "unwritable";
        }
    }

    private static Supplier<String> subscription(short version, ByteBuffer bytes) {
        Subscription subscription = ConsumerProtocol.deserializeSubscription(bytes);
        return () -> hex(ConsumerProtocol.serializeSubscription(subscription, version));
    }

    private static Supplier<String> assignment(short version, ByteBuffer bytes) {
        Assignment assignment = ConsumerProtocol.deserializeAssignment(bytes);
        return () -> hex(ConsumerProtocol.serializeAssignment(assignment, version));
    }

    private static Supplier<String> control(Record record) {
        ControlRecordType type = ControlRecordType.parse(record.key());
        Supplier<String> value = switch (type) {
            case ABORT, COMMIT -> {
                EndTransactionMarker marker = EndTransactionMarker.deserialize(record);
                yield () -> hex(marker.serializeValue());
            }
            case LEADER_CHANGE -> body(ControlRecordUtils.deserializeLeaderChangeMessage(record));
            case SNAPSHOT_HEADER -> body(ControlRecordUtils.deserializeSnapshotHeaderRecord(record));
            case SNAPSHOT_FOOTER -> body(ControlRecordUtils.deserializeSnapshotFooterRecord(record));
            case KRAFT_VERSION -> body(ControlRecordUtils.deserializeKRaftVersionRecord(record));
            case KRAFT_VOTERS -> body(ControlRecordUtils.deserializeVotersRecord(record));
            case UNKNOWN -> () -> hex(record.value());
        };
        return () -> type + "\t" + value.get();
    }

    private static Supplier<String> coordinator(CoordinatorRecordSerde serde, ByteBuffer key, ByteBuffer value) {
        CoordinatorRecord record = serde.deserialize(key, value);
        return () -> {
            byte[] written = serde.serializeValue(record);
            return record.key().apiKey() + "\t" + HEX.formatHex(serde.serializeKey(record)) + "\t"
                + (written == null ? "-" : HEX.formatHex(written));
        };
    }

    /** A record of a control batch with this key and value. */
    private static Record record(ByteBuffer key, ByteBuffer value) {
        return (Record) Proxy.newProxyInstance(Record.class.getClassLoader(), new Class<?>[] {Record.class}, (self, method, arguments) ->
            switch (method.getName()) {
                case "key" -> key == null ? null : key.duplicate();
                case "value" -> value == null ? null : value.duplicate();
                case "isControlRecord" -> true;
                default -> throw new UnsupportedOperationException(method.getName());
            });
    }

    private static ByteBuffer bytes(String hex) {
        return hex.equals("-") ? null : ByteBuffer.wrap(HEX.parseHex(hex));
    }

    private static Supplier<String> body(Message message) {
        return () -> hex(MessageUtil.toByteBufferAccessor(message, (short) 0).buffer());
    }

    private static String hex(ByteBuffer bytes) {
        if (bytes == null) return "-";
        byte[] array = new byte[bytes.remaining()];
        bytes.duplicate().get(array);
        return HEX.formatHex(array);
    }
}
