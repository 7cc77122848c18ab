import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.protocol.ApiKeys;
import org.apache.kafka.common.protocol.Errors;

/** Prints Kafka's error codes and its APIs with the header versions that go with each of their versions. */
public final class Tables {
    public static void main(String[] arguments) {
        for (Errors error : Errors.values()) {
            boolean retriable = error.exception() instanceof RetriableException;
            System.out.println("error\t" + error.code() + "\t" + error.name() + "\t" + retriable);
        }
        for (ApiKeys api : ApiKeys.values()) {
            System.out.println("api\t" + api.id + "\t" + api.name);
            if (!api.hasValidVersion()) continue;
            for (short version : api.allVersions()) {
                System.out.println(
                    "headers\t" + api.id + "\t" + version + "\t" + api.requestHeaderVersion(version) + "\t" + api.responseHeaderVersion(version));
            }
        }
    }
}
