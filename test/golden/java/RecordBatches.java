import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.Random;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.CompressionType;
import org.apache.kafka.common.record.internal.ControlRecordType;
import org.apache.kafka.common.record.internal.DefaultRecordBatch;
import org.apache.kafka.common.record.internal.EndTransactionMarker;
import org.apache.kafka.common.record.internal.MemoryRecords;
import org.apache.kafka.common.record.internal.MemoryRecordsBuilder;
import org.apache.kafka.common.record.internal.MutableRecordBatch;
import org.apache.kafka.common.record.internal.Record;
import org.apache.kafka.common.record.internal.RecordBatch;
import org.apache.kafka.common.utils.internals.ByteBufferOutputStream;

/**
 * Kafka's own record batches, as text of one line for each fetch.
 *
 * <pre>
 * write SEED COUNT   COUNT random fetches of one to three batches: hex, tab, what Kafka reads from them
 * legacy SEED COUNT  the same with messages of magic 0 and 1, compressed or not, and batches among them
 * read               for each line of hex on stdin: "ok", tab, what Kafka writes for the same records, tab, what
 *                    it reads; or "error", tab, why it refuses them
 * </pre>
 */
public final class RecordBatches {
    private static final HexFormat HEX = HexFormat.of();
    private static final long SAFE = (1L << 53) - 1;

    public static void main(String[] arguments) throws IOException {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        if (!arguments[0].equals("read")) {
            boolean legacy = arguments[0].equals("legacy");
            Random random = new Random(Long.parseLong(arguments[1]));
            for (int i = Integer.parseInt(arguments[2]); i > 0; i--) {
                byte[] fetch = randomFetch(random, legacy);
                out.print(HEX.formatHex(fetch) + "\t" + describe(fetch) + "\n");
            }
        } else {
            BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                out.print(read(HEX.parseHex(line)) + "\n");
            }
        }
        out.flush();
    }

    private static String read(byte[] fetch) {
        try {
            return "ok\t" + HEX.formatHex(rewrite(fetch)) + "\t" + describe(fetch);
        } catch (RuntimeException refusal) {
            return "error\t" + refusal.toString().replaceAll("\\s+", " ");
        }
    }

    private static byte[] randomFetch(Random random, boolean legacy) {
        ByteBufferOutputStream fetch = new ByteBufferOutputStream(256);
        for (int i = random.nextInt(3); i >= 0; i--) {
            fetch.write(legacy && random.nextInt(8) > 0 ? randomMessageSet(random) : randomBatch(random));
        }
        return bytesOf(fetch.buffer().flip());
    }

    private static ByteBuffer randomBatch(Random random) {
        long baseOffset = random.nextBoolean() ? random.nextInt(1000) : random.nextLong() >>> 2;
        int leaderEpoch = random.nextInt(5) - 1;
        long producerId = random.nextBoolean() ? -1 : random.nextLong() >>> 1;
        short producerEpoch = (short) (producerId < 0 ? -1 : random.nextInt(1 << 15));
        int sequence = producerId < 0 ? -1 : random.nextInt() >>> 1;
        boolean isTransactional = producerId >= 0 && random.nextBoolean();
        boolean isAppendTime = random.nextInt(5) == 0;
        TimestampType timestampType = isAppendTime ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME;
        long time = 1_700_000_000_000L + random.nextInt(1_000_000);
        int kind = random.nextInt(20);
        if (kind == 0) {
            ByteBuffer buffer = ByteBuffer.allocate(DefaultRecordBatch.RECORD_BATCH_OVERHEAD);
            DefaultRecordBatch.writeEmptyHeader(buffer, RecordBatch.MAGIC_VALUE_V2, producerId, producerEpoch, sequence,
                baseOffset, baseOffset + random.nextInt(9), leaderEpoch, timestampType, time, isTransactional, random.nextBoolean());
            return buffer.flip();
        }
        if (kind == 1 && producerId >= 0) {
            ControlRecordType type = random.nextBoolean() ? ControlRecordType.COMMIT : ControlRecordType.ABORT;
            return MemoryRecords.withEndTransactionMarker(baseOffset, time, leaderEpoch, producerId, producerEpoch,
                new EndTransactionMarker(type, random.nextInt(100))).buffer();
        }
        Compression compression = randomCompression(random, RecordBatch.MAGIC_VALUE_V2);
        long deleteHorizon = random.nextInt(10) == 0 ? time + random.nextInt(1000) : RecordBatch.NO_TIMESTAMP;
        ByteBufferOutputStream stream = new ByteBufferOutputStream(512);
        MemoryRecordsBuilder builder = new MemoryRecordsBuilder(stream, RecordBatch.MAGIC_VALUE_V2, compression, timestampType,
            baseOffset, isAppendTime ? time + 5000 : RecordBatch.NO_TIMESTAMP, producerId, producerEpoch, sequence,
            isTransactional, false, leaderEpoch, Integer.MAX_VALUE, deleteHorizon);
        int count = random.nextInt(10) == 0 ? random.nextInt(500) + 1 : random.nextInt(8) + 1;
        long offset = baseOffset + (random.nextInt(5) == 0 ? random.nextInt(5) : 0);
        for (int i = 0; i < count; i++) {
            long timestamp = switch (random.nextInt(10)) {
                case 0 -> RecordBatch.NO_TIMESTAMP;
                case 1 -> random.nextLong() & SAFE;
                default -> time + random.nextInt(2000) - 1000;
            };
            builder.appendWithOffset(offset, timestamp, randomBytes(random), randomBytes(random), randomHeaders(random));
            offset += random.nextInt(4) == 0 ? random.nextInt(100) + 1 : 1;
        }
        if (random.nextInt(5) == 0) builder.overrideLastOffset(offset + random.nextInt(3));
        else if (random.nextInt(20) == 0) builder.overrideLastOffset(baseOffset + Integer.MAX_VALUE);
        return builder.build().buffer();
    }

    /** Kafka's builder still writes what its producers wrote before 0.11. */
    private static ByteBuffer randomMessageSet(Random random) {
        byte magic = (byte) random.nextInt(2);
        boolean isAppendTime = magic > 0 && random.nextInt(3) == 0;
        TimestampType timestampType = magic == 0 ? TimestampType.NO_TIMESTAMP_TYPE
            : isAppendTime ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME;
        long time = 1_500_000_000_000L + random.nextInt(1_000_000);
        // An offset of 0 in a compressed message of magic 1 means that it is not known.
        long baseOffset = random.nextBoolean() ? random.nextInt(1000) : random.nextLong() >>> 2;
        MemoryRecordsBuilder builder = new MemoryRecordsBuilder(new ByteBufferOutputStream(512), magic,
            randomCompression(random, magic), timestampType, baseOffset, isAppendTime ? time + 5000 : RecordBatch.NO_TIMESTAMP,
            RecordBatch.NO_PRODUCER_ID, RecordBatch.NO_PRODUCER_EPOCH, RecordBatch.NO_SEQUENCE, false, false,
            RecordBatch.NO_PARTITION_LEADER_EPOCH, Integer.MAX_VALUE, RecordBatch.NO_TIMESTAMP);
        long offset = baseOffset + (random.nextInt(5) == 0 ? random.nextInt(5) : 0);
        for (int i = random.nextInt(10) == 0 ? random.nextInt(300) + 1 : random.nextInt(6) + 1; i > 0; i--) {
            long timestamp = magic == 0 || random.nextInt(10) == 0 ? RecordBatch.NO_TIMESTAMP : time + random.nextInt(2000) - 1000;
            builder.appendWithOffset(offset, timestamp, randomBytes(random), randomBytes(random));
            offset += random.nextInt(4) == 0 ? random.nextInt(100) + 1 : 1;
        }
        return builder.build().buffer();
    }

    private static Compression randomCompression(Random random, byte magic) {
        return switch (random.nextInt(magic < RecordBatch.MAGIC_VALUE_V2 ? 6 : 7)) {
            case 0, 1 -> Compression.NONE;
            case 2 -> Compression.gzip().level(random.nextInt(9) + 1).build();
            case 3 -> Compression.snappy().build();
            case 4 -> Compression.lz4().build();
            case 5 -> Compression.lz4().level(random.nextInt(17) + 1).build();
            default -> Compression.zstd().level(random.nextInt(30) - 10).build();
        };
    }

    private static byte[] randomBytes(Random random) {
        if (random.nextInt(8000) == 0) return repetitive(random);
        int size = switch (random.nextInt(12)) {
            case 0, 1 -> -1;
            case 2 -> 0;
            case 3 -> random.nextInt(300);
            case 4 -> random.nextInt(20) == 0 ? random.nextInt(20_000) : 63 + random.nextInt(3);
            default -> random.nextInt(20);
        };
        if (size < 0) return null;
        byte[] bytes = new byte[size];
        random.nextBytes(bytes);
        return bytes;
    }

    /** Longer than a block of any codec, and worth compressing. */
    private static byte[] repetitive(Random random) {
        byte[] period = new byte[random.nextInt(3) == 0 ? random.nextInt(70_000) + 1 : random.nextInt(30) + 1];
        random.nextBytes(period);
        byte[] bytes = new byte[random.nextInt(250_000)];
        for (int i = 0; i < bytes.length; i++) bytes[i] = random.nextInt(100) == 0 ? (byte) i : period[i % period.length];
        return bytes;
    }

    private static Header[] randomHeaders(Random random) {
        Header[] headers = new Header[random.nextInt(3) == 0 ? random.nextInt(5) : 0];
        String[] keys = {"", "a", "trace-id", "é", "世界", "😀", "\uFEFFbom", "x".repeat(70)};
        for (int i = 0; i < headers.length; i++) {
            headers[i] = new RecordHeader(keys[random.nextInt(keys.length)], randomBytes(random));
        }
        return headers;
    }

    /** The same batches, written anew by Kafka's builder; it and no one else decides on every byte. */
    private static byte[] rewrite(byte[] fetch) {
        ByteBufferOutputStream all = new ByteBufferOutputStream(fetch.length + 1);
        for (MutableRecordBatch batch : MemoryRecords.readableRecords(ByteBuffer.wrap(fetch)).batches()) {
            batch.ensureValid();
            MemoryRecordsBuilder builder = new MemoryRecordsBuilder(new ByteBufferOutputStream(batch.sizeInBytes()), batch.magic(),
                Compression.of(batch.compressionType()).build(), batch.timestampType(), batch.baseOffset(), RecordBatch.NO_TIMESTAMP,
                batch.producerId(), batch.producerEpoch(), batch.baseSequence(), batch.isTransactional(), batch.isControlBatch(),
                batch.partitionLeaderEpoch(), Integer.MAX_VALUE, RecordBatch.NO_TIMESTAMP);
            for (Record record : batch) {
                builder.appendWithOffset(record.offset(), record.timestamp(), record.key(), record.value(), record.headers());
            }
            all.write(builder.build().buffer());
        }
        return bytesOf(all.buffer().flip());
    }

    private static String describe(byte[] fetch) {
        StringBuilder text = new StringBuilder();
        for (MutableRecordBatch each : MemoryRecords.readableRecords(ByteBuffer.wrap(fetch)).batches()) {
            each.ensureValid();
            if (each.magic() < RecordBatch.MAGIC_VALUE_V2) {
                describeMessage(each, text);
                continue;
            }
            DefaultRecordBatch batch = (DefaultRecordBatch) each;
            text.append("batch baseOffset=").append(batch.baseOffset())
                .append(" lastOffset=").append(batch.lastOffset())
                .append(" partitionLeaderEpoch=").append(batch.partitionLeaderEpoch())
                .append(" compressionType=").append(batch.compressionType().name)
                .append(" timestampType=").append(batch.timestampType().name())
                .append(" isTransactional=").append(batch.isTransactional())
                .append(" isControl=").append(batch.isControlBatch())
                .append(" hasDeleteHorizon=").append(batch.deleteHorizonMs().isPresent())
                .append(" baseTimestamp=").append(batch.baseTimestamp())
                .append(" maxTimestamp=").append(batch.maxTimestamp())
                .append(" producerId=").append(batch.producerId())
                .append(" producerEpoch=").append(batch.producerEpoch())
                .append(" baseSequence=").append(batch.baseSequence())
                .append(" recordCount=").append(batch.countOrNull())
                .append(" sizeInBytes=").append(batch.sizeInBytes())
                .append(" crc=").append(batch.checksum());
            for (Iterator<Record> records = batch.iterator(); records.hasNext(); ) describe(records.next(), text);
            text.append(" ");
        }
        return text.toString().trim();
    }

    private static void describeMessage(MutableRecordBatch message, StringBuilder text) {
        text.append("message lastOffset=").append(message.lastOffset())
            .append(" magic=").append(message.magic())
            .append(" compressionType=").append(message.compressionType().name)
            .append(" timestampType=").append(message.timestampType().name())
            .append(" maxTimestamp=").append(message.maxTimestamp())
            .append(" producerId=").append(message.producerId())
            .append(" producerEpoch=").append(message.producerEpoch())
            .append(" baseSequence=").append(message.baseSequence())
            .append(" isTransactional=").append(message.isTransactional())
            .append(" isControl=").append(message.isControlBatch())
            .append(" partitionLeaderEpoch=").append(message.partitionLeaderEpoch())
            .append(" sizeInBytes=").append(message.sizeInBytes())
            .append(" crc=").append(message.checksum());
        for (Record record : message) {
            record.ensureValid();
            describe(record, text);
        }
        text.append(" ");
    }

    private static void describe(Record record, StringBuilder text) {
        text.append(" record ").append(record.offset())
            .append(",").append(record.timestamp())
            .append(",").append(hex(record.key()))
            .append(",").append(hex(record.value()));
        for (Header header : record.headers()) {
            text.append(",").append(HEX.formatHex(header.key().getBytes(StandardCharsets.UTF_8)))
                .append("=").append(header.value() == null ? "null" : HEX.formatHex(header.value()));
        }
    }

    private static String hex(ByteBuffer buffer) {
        return buffer == null ? "null" : HEX.formatHex(bytesOf(buffer.duplicate()));
    }

    private static byte[] bytesOf(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
