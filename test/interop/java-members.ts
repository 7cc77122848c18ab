import { fileURLToPath } from "node:url";
import { javaClasspath, SHORT_LIVED_JVM } from "../../scripts/kafka/java.ts";
import { besideScripts } from "../../scripts/kafka/paths.ts";
import { requireJava } from "../../scripts/kafka/tools.ts";
import { DEFAULT_KAFKA_VERSION } from "../../scripts/kafka/versions.ts";
import { MemberProcess } from "../support/groups/member-process.ts";

/** A process for members of Kafka's Java client. */
export async function javaMembers(bootstrapServers: readonly string[]): Promise<MemberProcess> {
  const java = await requireJava(DEFAULT_KAFKA_VERSION);
  const log = `-Dlog4j2.configurationFile=${besideScripts("log4j2-stderr.xml")}`;
  const program = fileURLToPath(new URL("./java/GroupMembers.java", import.meta.url));
  const options = [...SHORT_LIVED_JVM, log, "-cp", await javaClasspath()];
  return new MemberProcess(java, [...options, program, bootstrapServers.join(",")]);
}
