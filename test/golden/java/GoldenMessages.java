import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.BufferedReader;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.protocol.ByteBufferAccessor;
import org.apache.kafka.common.protocol.Message;
import org.apache.kafka.common.protocol.MessageUtil;
import org.apache.kafka.common.protocol.types.RawTaggedField;

/**
 * Writes and reads messages with Kafka's own generated classes, knowing nothing of any one message: it goes by
 * the schemas that lie in Kafka's jars.
 *
 * <pre>
 * generate SEED COUNT SIZE NAME...   COUNT random instances of every version of each message, one per line:
 *                                    name, version, bytes in hex, JSON
 * read                               takes lines of name, version, hex on stdin; for each prints either
 *                                    "ok", number of unread bytes, the message written again in hex (or "-"
 *                                    where Kafka will not write what it has read), JSON
 *                                    or "error", why
 * </pre>
 *
 * Columns are separated by tabs. SIZE bounds arrays and texts, so that a committed file stays small.
 *
 * The JSON is that of Kafka's JsonConverter with three additions, without which it could not stand for the
 * bytes: int64 is text, since JSON's numbers lose digits elsewhere; `records` holds the bytes in base64; and
 * `unknownTaggedFields` holds tag and data of what the schema does not know.
 */
public final class GoldenMessages {
    private static final ObjectMapper JSON = new ObjectMapper().enable(JsonParser.Feature.ALLOW_COMMENTS);
    private static final JsonNodeFactory NODES = JsonNodeFactory.instance;
    private static final HexFormat HEX = HexFormat.of();
    /** Where Kafka's generator puts its classes. */
    private static final String[] PACKAGES = {
        "org.apache.kafka.common.message",
        "org.apache.kafka.coordinator.group.generated",
        "org.apache.kafka.coordinator.share.generated",
        "org.apache.kafka.coordinator.transaction.generated",
        "org.apache.kafka.raft.generated",
    };

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        switch (arguments[0]) {
            case "generate" -> generate(arguments, out);
            case "read" -> read(out);
            default -> throw new IllegalArgumentException("no such command: " + arguments[0]);
        }
        out.flush();
    }

    private static void generate(String[] arguments, PrintStream out) throws Exception {
        long seed = Long.parseLong(arguments[1]);
        int count = Integer.parseInt(arguments[2]);
        int size = Integer.parseInt(arguments[3]);
        for (int i = 4; i < arguments.length; i++) {
            MessageType type = MessageType.of(arguments[i]);
            for (short version = type.lowest(); version <= type.highest(); version++) {
                // A seed for each version: what one message looks like does not depend on which others are made.
                Random random = new Random(seed * 31 + (type.name + version).hashCode());
                for (int instance = 0; instance < count; instance++) {
                    Instances instances = new Instances(type.schema, version, random, size);
                    JsonNode json = instances.make();
                    Message message = type.fromJson(json, version);
                    new UnknownFields(type.schema, version).put(message, json);
                    out.println(type.name + "\t" + version + "\t" + hex(message, version) + "\t" + printable(json));
                }
            }
        }
    }

    private static void read(PrintStream out) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            String[] columns = line.split("\t", -1);
            MessageType type = MessageType.of(columns[0]);
            short version = Short.parseShort(columns[1]);
            ByteBuffer bytes = ByteBuffer.wrap(HEX.parseHex(columns[2]));
            try {
                Message message = type.create();
                message.read(new ByteBufferAccessor(bytes), version);
                JsonNode json = type.toJson(message, version);
                new UnknownFields(type.schema, version).take(message, json);
                out.println("ok\t" + bytes.remaining() + "\t" + hexOrRefusal(message, version) + "\t" + printable(json));
            } catch (RuntimeException refused) {
                out.println("error\t" + String.valueOf(refused).replaceAll("\\s+", " "));
            }
        }
    }

    private static String hex(Message message, short version) {
        ByteBuffer bytes = MessageUtil.toByteBufferAccessor(message, version).buffer();
        byte[] array = new byte[bytes.remaining()];
        bytes.get(array);
        return HEX.formatHex(array);
    }

    /** Kafka reads some things that it will not write, such as unknown tags out of order: "-" for those. */
    private static String hexOrRefusal(Message message, short version) {
        try {
            return hex(message, version);
        } catch (RuntimeException refused) {
            return "-";
        }
    }

    /** The same JSON with int64 as text. */
    private static JsonNode printable(JsonNode node) {
        if (node.isLong()) return NODES.textNode(node.asText());
        if (node instanceof ArrayNode array) {
            for (int i = 0; i < array.size(); i++) array.set(i, printable(array.get(i)));
        } else if (node instanceof ObjectNode object) {
            for (Map.Entry<String, JsonNode> entry : object.properties()) entry.setValue(printable(entry.getValue()));
        }
        return node;
    }

    /** A message's schema, and the generated classes that go with it. */
    private static final class MessageType {
        private static final Map<String, MessageType> KNOWN = new HashMap<>();
        final String name;
        final Schema schema;
        private final Class<?> data;
        private final Class<?> converter;

        private MessageType(String name) throws Exception {
            this.name = name;
            this.schema = new Schema(name);
            this.data = classOf(name);
            this.converter = Class.forName(data.getName() + "JsonConverter");
        }

        static MessageType of(String name) throws Exception {
            MessageType type = KNOWN.get(name);
            if (type == null) KNOWN.put(name, type = new MessageType(name));
            return type;
        }

        private static Class<?> classOf(String name) throws ClassNotFoundException {
            for (String inPackage : PACKAGES) {
                for (String suffix : new String[] {"Data", ""}) {
                    try {
                        return Class.forName(inPackage + "." + name + suffix);
                    } catch (ClassNotFoundException elsewhere) {
                        // Tried in the next place.
                    }
                }
            }
            throw new ClassNotFoundException("no generated class for " + name);
        }

        short lowest() throws Exception {
            return create().lowestSupportedVersion();
        }

        short highest() throws Exception {
            return create().highestSupportedVersion();
        }

        Message create() throws Exception {
            return (Message) data.getDeclaredConstructor().newInstance();
        }

        Message fromJson(JsonNode json, short version) throws Exception {
            return (Message) converter.getMethod("read", JsonNode.class, short.class).invoke(null, json, version);
        }

        JsonNode toJson(Message message, short version) throws Exception {
            return (JsonNode) converter.getMethod("write", data, short.class).invoke(null, message, version);
        }
    }

    /** A message's schema as Kafka's jar holds it. */
    private static final class Schema {
        final JsonNode fields;
        private final Range flexible;
        private final Map<String, JsonNode> common = new HashMap<>();

        Schema(String name) throws Exception {
            try (InputStream in = ClassLoader.getSystemResourceAsStream("common/message/" + name + ".json")) {
                if (in == null) throw new IllegalArgumentException("no schema of " + name + " in Kafka's jars");
                JsonNode json = JSON.readTree(in);
                fields = json.path("fields");
                flexible = new Range(json.path("flexibleVersions").asText("none"));
                for (JsonNode struct : json.path("commonStructs")) common.put(struct.get("name").asText(), struct.get("fields"));
            }
        }

        boolean isFlexible(short version) {
            return flexible.holds(version);
        }

        /** The fields of the struct that `type` names, or null where it names none. */
        JsonNode structOf(JsonNode field, String type) {
            return Character.isUpperCase(type.charAt(0)) ? field.path("fields").isArray() ? field.get("fields") : common.get(type) : null;
        }
    }

    private record Range(int from, int to) {
        Range(String text) {
            this(parse(text, 0), parse(text, 1));
        }

        private static int parse(String text, int side) {
            if (text.equals("none")) return side == 0 ? 1 : 0;
            if (text.endsWith("+")) return side == 0 ? Integer.parseInt(text.substring(0, text.length() - 1)) : Short.MAX_VALUE;
            String[] ends = text.split("-");
            return Integer.parseInt(ends[Math.min(side, ends.length - 1)]);
        }

        static boolean in(JsonNode field, String key, short version) {
            return new Range(field.path(key).asText("none")).holds(version);
        }

        boolean holds(int version) {
            return version >= from && version <= to;
        }
    }

    /** Kafka's name of a field in JSON and of the method that gets it. */
    private static String camelCase(JsonNode field) {
        String name = field.get("name").asText();
        return Character.toLowerCase(name.charAt(0)) + name.substring(1);
    }

    /** Random instances of one version of a message, as JSON that Kafka's converter takes. */
    private static final class Instances {
        private static final String[] TEXTS = {
            "", "a", "orders", "grüße", "日本語", "\ud83d\ude00 emoji", "\ufeffmark", "zero\u0000inside", "\u007f\u0080\u07ff\u0800\uffff", "\udbff\udfff",
        };
        private static final long[] EDGES = {
            0, 1, -1, 63, 64, 127, 128, -128, 255, 256, 16383, 16384, 32767, -32768, 65535, Integer.MAX_VALUE, Integer.MIN_VALUE,
            4294967295L, 9007199254740991L, 9007199254740993L, Long.MAX_VALUE, Long.MIN_VALUE,
        };
        private final Schema schema;
        private final short version;
        private final Random random;
        private final int size;

        Instances(Schema schema, short version, Random random, int size) {
            this.schema = schema;
            this.version = version;
            this.random = random;
            this.size = size;
        }

        JsonNode make() {
            return struct(schema.fields, 0);
        }

        private ObjectNode struct(JsonNode fields, int depth) {
            ObjectNode node = NODES.objectNode();
            int lastTag = -1;
            for (JsonNode field : fields) {
                if (field.has("tag")) lastTag = Math.max(lastTag, field.get("tag").asInt());
                if (!Range.in(field, field.has("versions") ? "versions" : "taggedVersions", version)) continue;
                // Left out, a tagged field has its default and is not on the wire.
                if (Range.in(field, "taggedVersions", version) && random.nextBoolean()) continue;
                node.set(camelCase(field), value(field, depth));
            }
            if (schema.isFlexible(version) && random.nextInt(3) == 0) node.set("unknownTaggedFields", unknown(lastTag));
            return node;
        }

        private JsonNode value(JsonNode field, int depth) {
            if (Range.in(field, "nullableVersions", version) && random.nextInt(4) == 0) return NODES.nullNode();
            String type = field.get("type").asText();
            if (!type.startsWith("[]")) return one(field, type, depth);
            ArrayNode array = NODES.arrayNode();
            int length = random.nextInt(Math.max(2, size - depth));
            // Now and then past the 127 elements whose compact length still takes one byte.
            if (size > 3 && depth == 0 && !Character.isUpperCase(type.charAt(2)) && random.nextInt(8) == 0) length = 126 + random.nextInt(4);
            for (int i = 0; i < length; i++) array.add(one(field, type.substring(2), depth + 1));
            return array;
        }

        private JsonNode one(JsonNode field, String type, int depth) {
            switch (type) {
                case "bool": return NODES.booleanNode(random.nextBoolean());
                case "int8": return NODES.numberNode((int) (byte) number());
                case "int16": return NODES.numberNode((int) (short) number());
                case "uint16": return NODES.numberNode((int) (number() & 0xffff));
                case "int32": return NODES.numberNode((int) number());
                case "uint32": return NODES.numberNode(number() & 0xffffffffL);
                case "int64": return NODES.numberNode(number());
                case "float64": return NODES.numberNode(random.nextInt(4) == 0 ? number() : random.nextGaussian() * 1e6);
                case "uuid": return NODES.textNode(random.nextInt(5) == 0 ? Uuid.ZERO_UUID.toString() : new Uuid(random.nextLong(), random.nextLong()).toString());
                case "string": return NODES.textNode(text());
                case "bytes", "records": return NODES.binaryNode(bytes());
                default: return struct(schema.structOf(field, type), depth);
            }
        }

        private long number() {
            return random.nextBoolean() ? EDGES[random.nextInt(EDGES.length)] : random.nextLong() >> random.nextInt(64);
        }

        private String text() {
            String text = TEXTS[random.nextInt(TEXTS.length)];
            if (size <= 3 || random.nextInt(10) != 0) return text;
            // Around the 127 bytes whose compact length still takes one byte, and rarely the longest of all.
            int length = random.nextInt(40) == 0 ? Short.MAX_VALUE : 125 + random.nextInt(5);
            return "x".repeat(length);
        }

        private byte[] bytes() {
            byte[] bytes = new byte[random.nextInt(4) == 0 ? 0 : random.nextInt(size * size)];
            random.nextBytes(bytes);
            return bytes;
        }

        private ArrayNode unknown(int lastTag) {
            TreeMap<Integer, byte[]> fields = new TreeMap<>();
            // The highest tag of all is one that Kafka's writer keeps for itself.
            int[] tags = {lastTag + 1, lastTag + 1 + random.nextInt(300), random.nextInt(1 << 20) + 1000, Integer.MAX_VALUE - 1};
            for (int i = random.nextInt(2); i >= 0; i--) fields.put(tags[random.nextInt(tags.length)], bytes());
            ArrayNode array = NODES.arrayNode();
            fields.forEach((tag, data) -> array.addObject().put("tag", tag).put("data", data));
            return array;
        }
    }

    /** What JsonConverter leaves out: fields with unknown tags, and the bytes of records. */
    private static final class UnknownFields {
        private final Schema schema;
        private final short version;

        UnknownFields(Schema schema, short version) {
            this.schema = schema;
            this.version = version;
        }

        /** Puts the unknown tagged fields of the JSON into the message. */
        void put(Message message, JsonNode json) throws Exception {
            walk(schema.fields, message, json, (struct, node) -> {
                for (JsonNode field : node.path("unknownTaggedFields")) {
                    struct.unknownTaggedFields().add(new RawTaggedField(field.get("tag").asInt(), field.get("data").binaryValue()));
                }
            }, false);
        }

        /** Puts the unknown tagged fields and the records of the message into the JSON. */
        void take(Message message, JsonNode json) throws Exception {
            walk(schema.fields, message, json, (struct, node) -> {
                if (struct.unknownTaggedFields().isEmpty()) return;
                ArrayNode array = ((ObjectNode) node).putArray("unknownTaggedFields");
                for (RawTaggedField field : struct.unknownTaggedFields()) {
                    array.addObject().put("tag", field.tag()).put("data", field.data());
                }
            }, true);
        }

        private interface Visitor {
            void visit(Message struct, JsonNode node) throws Exception;
        }

        private void walk(JsonNode fields, Message struct, JsonNode node, Visitor visitor, boolean takeRecords) throws Exception {
            visitor.visit(struct, node);
            for (JsonNode field : fields) {
                String name = camelCase(field);
                String type = field.get("type").asText();
                JsonNode inner = node.get(name);
                if (inner == null || inner.isNull()) continue;
                String elementType = type.startsWith("[]") ? type.substring(2) : type;
                JsonNode innerFields = schema.structOf(field, elementType);
                if (innerFields == null && !type.equals("records")) continue;
                Object value = struct.getClass().getMethod(name).invoke(struct);
                if (type.equals("records")) {
                    if (takeRecords) ((ObjectNode) node).put(name, base64(value));
                } else if (type.startsWith("[]")) {
                    Iterator<JsonNode> elements = inner.elements();
                    List<Object> values = new ArrayList<>((java.util.Collection<?>) value);
                    for (Object element : values) walk(innerFields, (Message) element, elements.next(), visitor, takeRecords);
                } else {
                    walk(innerFields, (Message) value, inner, visitor, takeRecords);
                }
            }
        }

        private static String base64(Object records) throws Exception {
            ByteBuffer bytes = ((ByteBuffer) records.getClass().getMethod("buffer").invoke(records)).duplicate();
            byte[] array = new byte[bytes.remaining()];
            bytes.get(array);
            return Base64.getEncoder().encodeToString(array);
        }
    }
}
