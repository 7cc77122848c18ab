import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.UUID;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.utils.Bytes;

/**
 * Kafka's own serializers and deserializers. For every line of stdin one line is printed:
 *
 * <pre>
 * write TYPE VALUE    the bytes that Kafka's serializer writes for it
 * read TYPE BYTES     what Kafka's deserializer reads from them, or "error"
 * </pre>
 *
 * TYPE is the class's name without "Serializer", or "Json" for Jackson, on which Kafka Connect's are built. Bytes are in
 * hex and "null"; values as Java shows them and "null", but texts, which are "t" and UTF-16 in hex.
 */
public final class Serializers {
    private static final HexFormat HEX = HexFormat.of();
    private static final ObjectMapper JSON = new ObjectMapper();

    public static void main(String[] arguments) throws Exception {
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.US_ASCII));
        StringBuilder out = new StringBuilder();
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] parts = line.split("\t", -1);
            out.append(parts[0].equals("write") ? write(parts[1], parts[2]) : read(parts[1], parts[2])).append('\n');
        }
        System.out.print(out);
    }

    private static String write(String type, String value) throws Exception {
        boolean isNull = value.equals("null");
        return switch (type) {
            case "Boolean" -> bytes(Serdes.Boolean(), isNull ? null : Boolean.valueOf(value));
            case "ByteArray" -> bytes(Serdes.ByteArray(), isNull ? null : HEX.parseHex(value));
            case "ByteBuffer" -> bytes(Serdes.ByteBuffer(), isNull ? null : ByteBuffer.wrap(HEX.parseHex(value)));
            case "Bytes" -> bytes(Serdes.Bytes(), isNull ? null : Bytes.wrap(HEX.parseHex(value)));
            case "Double" -> bytes(Serdes.Double(), isNull ? null : Double.valueOf(value));
            case "Float" -> bytes(Serdes.Float(), isNull ? null : Float.valueOf((float) Double.parseDouble(value)));
            case "Integer" -> bytes(Serdes.Integer(), isNull ? null : Integer.valueOf(value));
            case "Long" -> bytes(Serdes.Long(), isNull ? null : Long.valueOf(value));
            case "Short" -> bytes(Serdes.Short(), isNull ? null : Short.valueOf(value));
            case "String" -> bytes(Serdes.String(), isNull ? null : text(value));
            case "UUID" -> bytes(Serdes.UUID(), isNull ? null : UUID.fromString(text(value)));
            case "Void" -> bytes(Serdes.Void(), null);
            case "Json" -> HEX.formatHex(JSON.writeValueAsBytes(JSON.readTree(text(value))));
            default -> throw new IllegalArgumentException(type);
        };
    }

    private static String read(String type, String hex) {
        byte[] data = hex.equals("null") ? null : HEX.parseHex(hex);
        try {
            return switch (type) {
                case "Boolean" -> shown(Serdes.Boolean(), data);
                case "ByteArray" -> hex(Serdes.ByteArray().deserializer().deserialize("t", data));
                case "ByteBuffer" -> {
                    ByteBuffer buffer = Serdes.ByteBuffer().deserializer().deserialize("t", data);
                    yield buffer == null ? "null" : hex(buffer.array());
                }
                case "Bytes" -> {
                    Bytes bytes = Serdes.Bytes().deserializer().deserialize("t", data);
                    yield bytes == null ? "null" : hex(bytes.get());
                }
                case "Double" -> shown(Serdes.Double(), data);
                case "Float" -> {
                    Float value = Serdes.Float().deserializer().deserialize("t", data);
                    yield value == null ? "null" : Double.toString(value);
                }
                case "Integer" -> shown(Serdes.Integer(), data);
                case "Long" -> shown(Serdes.Long(), data);
                case "Short" -> shown(Serdes.Short(), data);
                case "String" -> shownText(Serdes.String().deserializer().deserialize("t", data));
                case "UUID" -> {
                    UUID value = Serdes.UUID().deserializer().deserialize("t", data);
                    yield value == null ? "null" : shownText(value.toString());
                }
                case "Void" -> shown(Serdes.Void(), data);
                case "Json" -> shownText(pointer(JSON.readTree(data)));
                default -> throw new AssertionError(type);
            };
        } catch (Exception e) {
            return "error";
        }
    }

    private static <T> String bytes(Serde<T> serde, T value) {
        return hex(serde.serializer().serialize("t", value));
    }

    private static <T> String shown(Serde<T> serde, byte[] data) {
        return String.valueOf(serde.deserializer().deserialize("t", data));
    }

    /** What stands at "x": Jackson's bytes of it would lose lone surrogates. */
    private static String pointer(JsonNode tree) {
        return tree.get("x").asText();
    }

    private static String hex(byte[] data) {
        return data == null ? "null" : HEX.formatHex(data);
    }

    private static String text(String written) {
        String hex = written.substring(1);
        // Not through a charset, which would replace lone surrogates here already.
        StringBuilder text = new StringBuilder();
        for (int at = 0; at < hex.length(); at += 4) {
            text.append((char) HexFormat.fromHexDigits(hex, at, at + 4));
        }
        return text.toString();
    }

    private static String shownText(String text) {
        if (text == null) {
            return "null";
        }
        StringBuilder hex = new StringBuilder("t");
        for (int i = 0; i < text.length(); i++) {
            hex.append(HEX.toHexDigits(text.charAt(i)));
        }
        return hex.toString();
    }
}
