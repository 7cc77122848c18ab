import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.acl.AccessControlEntry;
import org.apache.kafka.common.acl.AclBinding;
import org.apache.kafka.common.acl.AclBindingFilter;
import org.apache.kafka.common.acl.AclOperation;
import org.apache.kafka.common.acl.AclPermissionType;
import org.apache.kafka.common.quota.ClientQuotaAlteration;
import org.apache.kafka.common.quota.ClientQuotaEntity;
import org.apache.kafka.common.quota.ClientQuotaFilter;
import org.apache.kafka.common.resource.PatternType;
import org.apache.kafka.common.resource.ResourcePattern;
import org.apache.kafka.common.resource.ResourceType;
import org.apache.kafka.common.security.token.delegation.DelegationToken;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Logs in to brokers with SASL_SSL in every way that they offer, and has them make users, rules and quotas.
 *
 * <pre>
 * BOOTSTRAP AUTHORITY    the file with the certificate of the brokers' authority; "admin" with "secret" may do everything.
 *                        Prints what came of each step: its name, and the result or the error
 * </pre>
 */
public final class Secured {
    private static final String MODULES = "org.apache.kafka.common.security.";
    private static String bootstrap;
    private static String authority;
    private static PrintStream out;

    private interface Step {
        Object run() throws Exception;
    }

    public static void main(String[] arguments) throws Exception {
        bootstrap = arguments[0];
        authority = arguments[1];
        out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
        Map<String, Object> byToken;
        Map<String, Object> asAdmin = withPassword("PLAIN", "admin", "secret");
        try (Admin admin = Admin.create(asAdmin)) {
            step("make a user", () -> admin.alterUserScramCredentials(List.of(new UserScramCredentialUpsertion(
                "carol", new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, 8192), "pencil"))).all().get());
            step("describe users", () -> new TreeMap<>(admin.describeUserScramCredentials().all().get()));
            AclBinding rule = new AclBinding(new ResourcePattern(ResourceType.TOPIC, "ord", PatternType.PREFIXED),
                new AccessControlEntry("User:carol", "*", AclOperation.WRITE, AclPermissionType.ALLOW));
            step("make a rule", () -> admin.createAcls(List.of(rule)).all().get());
            step("describe rules", () -> admin.describeAcls(AclBindingFilter.ANY).values().get());
            ClientQuotaEntity carol = new ClientQuotaEntity(Map.of(ClientQuotaEntity.USER, "carol"));
            step("set a quota", () -> admin.alterClientQuotas(List.of(new ClientQuotaAlteration(carol,
                List.of(new ClientQuotaAlteration.Op("producer_byte_rate", 1e6))))).all().get());
            DelegationToken token = admin.createDelegationToken().delegationToken().get();
            byToken = secured("SCRAM-SHA-256", "scram.ScramLoginModule required tokenauth=\"true\" username=\""
                + token.tokenInfo().tokenId() + "\" password=\"" + token.hmacAsBase64String() + "\";");
            step("describe tokens", () -> admin.describeDelegationToken().delegationTokens().get());
            step("describe quotas", () -> admin.describeClientQuotas(ClientQuotaFilter.all()).entities().get());
        }
        send("SCRAM-SHA-512", withPassword("SCRAM-SHA-512", "carol", "pencil"), "orders");
        send("what no rule allows", withPassword("SCRAM-SHA-512", "carol", "pencil"), "secret");
        send("a wrong password", withPassword("SCRAM-SHA-512", "carol", "pen"), "orders");
        send("SCRAM-SHA-256", withPassword("SCRAM-SHA-256", "admin", "secret"), "orders");
        send("a wrong password by PLAIN", withPassword("PLAIN", "admin", "wrong"), "orders");
        send("a delegation token", byToken, "orders");
        send("OAUTHBEARER", secured("OAUTHBEARER",
            "oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub=\"admin\";"), "orders");
        out.flush();
    }

    private static Map<String, Object> withPassword(String mechanism, String user, String password) {
        String module = mechanism.equals("PLAIN") ? "plain.PlainLoginModule" : "scram.ScramLoginModule";
        return secured(mechanism,
            module + " required username=\"" + user + "\" password=\"" + password + "\";");
    }

    private static Map<String, Object> secured(String mechanism, String jaas) {
        Map<String, Object> config = new HashMap<>();
        config.put("bootstrap.servers", bootstrap);
        config.put("security.protocol", "SASL_SSL");
        config.put("ssl.truststore.type", "PEM");
        config.put("ssl.truststore.location", authority);
        config.put("sasl.mechanism", mechanism);
        config.put("sasl.jaas.config", MODULES + jaas);
        config.put("max.block.ms", "10000");
        return config;
    }

    private static void send(String name, Map<String, Object> config, String topic) throws Exception {
        try (KafkaProducer<String, String> producer =
                 new KafkaProducer<>(config, new StringSerializer(), new StringSerializer())) {
            step(name, () -> producer.send(new ProducerRecord<>(topic, 0, null, name)).get().offset());
        }
    }

    private static void step(String name, Step step) throws Exception {
        String result;
        try {
            result = String.valueOf(step.run());
        } catch (ExecutionException e) {
            result = e.getCause().getClass().getSimpleName() + ": " + e.getCause().getMessage();
        } catch (RuntimeException e) {
            result = e.getClass().getSimpleName() + ": " + e.getMessage();
        }
        out.print(name + "\t" + result.replace('\n', ' ') + "\n");
    }
}
