/** Which settings belong to which protocol of groups. */

import { ConfigError } from "../errors.ts";

/** What is the brokers' to say in the consumer protocol, and where they say it. */
const CLASSIC_ONLY = {
  sessionTimeoutMs: "consumer.session.timeout.ms of the group",
  heartbeatIntervalMs: "consumer.heartbeat.interval.ms of the group",
  partitionAssignmentStrategy: "groupRemoteAssignor, which names an assignor of the brokers",
} as const;

/**
 * Holds what was set, without defaults, against the protocol that was chosen: a setting that has no effect is one
 * that somebody relies on.
 *
 * @throws ConfigError naming the first that does not fit.
 */
export function checkProtocolSettings(given: object): void {
  const settings = given as { readonly [name: string]: unknown };
  if (settings["groupProtocol"] === "consumer") {
    for (const [name, instead] of Object.entries(CLASSIC_ONLY)) {
      if (settings[name] === undefined) continue;
      throw new ConfigError(
        `${name} has no effect with groupProtocol: "consumer": leave it out. What counts is ${instead}`,
      );
    }
    return;
  }
  if ((settings["groupRemoteAssignor"] ?? null) === null) return;
  throw new ConfigError(
    'groupRemoteAssignor has no effect with groupProtocol: "classic", whose members assign: ' +
      'set groupProtocol: "consumer", or leave it out',
  );
}
