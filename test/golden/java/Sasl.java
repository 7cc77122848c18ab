import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HexFormat;
import java.util.TreeMap;
import org.apache.kafka.common.security.oauthbearer.internals.OAuthBearerClientInitialResponse;
import org.apache.kafka.common.security.scram.internals.ScramFormatter;
import org.apache.kafka.common.security.scram.internals.ScramMechanism;
import org.apache.kafka.common.security.scram.internals.ScramMessages.ClientFinalMessage;
import org.apache.kafka.common.security.scram.internals.ScramMessages.ClientFirstMessage;
import org.apache.kafka.common.security.scram.internals.ScramMessages.ServerFirstMessage;

/**
 * Reads what a client says by SASL through the classes by which Kafka's broker reads it. Takes lines on stdin:
 *
 * <pre>
 * scram MECHANISM PASSWORD CLIENT-FIRST SERVER-FIRST CLIENT-FINAL   user, authorization id, whether a delegation token, proof and server signature
 * oauthbearer INITIAL                                               token, then extensions by name
 * </pre>
 *
 * and prints for each either "ok" and these, or "error". Columns are separated by tabs; what is asked is hex, and
 * so are texts in the answer; proof and signature are base64.
 */
public final class Sasl {
    private static final HexFormat HEX = HexFormat.of();

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) out.println(answer(line.split("\t", -1)));
        out.flush();
    }

    private static String answer(String[] columns) throws Exception {
        try {
            return "ok\t" + switch (columns[0]) {
                case "scram" -> scram(columns[1], text(columns[2]), bytes(columns[3]), bytes(columns[4]), bytes(columns[5]));
                case "oauthbearer" -> oauthbearer(bytes(columns[1]));
                default -> throw new IllegalArgumentException(columns[0]);
            };
        } catch (javax.security.sasl.SaslException refused) {
            return "error";
        }
    }

    private static String scram(String mechanism, String password, byte[] first, byte[] serverFirst, byte[] last) throws Exception {
        ScramFormatter formatter = new ScramFormatter(ScramMechanism.forMechanismName(mechanism));
        ClientFirstMessage clientFirst = new ClientFirstMessage(first);
        ServerFirstMessage server = new ServerFirstMessage(serverFirst);
        byte[] salted = formatter.saltedPassword(password, server.salt(), server.iterations());
        ClientFinalMessage clientFinal = new ClientFinalMessage(last);
        byte[] proof = formatter.clientProof(salted, clientFirst, server, clientFinal);
        byte[] signature = formatter.serverSignature(formatter.serverKey(salted), clientFirst, server, clientFinal);
        Base64.Encoder base64 = Base64.getEncoder();
        return String.join("\t", hex(formatter.username(clientFirst.saslName())), hex(clientFirst.authorizationId()),
            String.valueOf(clientFirst.extensions().tokenAuthenticated()), base64.encodeToString(proof), base64.encodeToString(signature));
    }

    private static String oauthbearer(byte[] initial) throws Exception {
        OAuthBearerClientInitialResponse response = new OAuthBearerClientInitialResponse(initial);
        StringBuilder answer = new StringBuilder(hex(response.tokenValue()));
        new TreeMap<>(response.extensions().map()).forEach((name, value) -> answer.append('\t').append(hex(name)).append('\t').append(hex(value)));
        return answer.toString();
    }

    private static byte[] bytes(String hex) {
        return HEX.parseHex(hex);
    }

    private static String text(String hex) {
        return new String(bytes(hex), StandardCharsets.UTF_8);
    }

    private static String hex(String text) {
        return HEX.formatHex(text.getBytes(StandardCharsets.UTF_8));
    }
}
