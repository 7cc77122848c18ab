/** What groups of the consumer protocol go by, from the configuration of the brokers. */

import type { ConfigStore } from "../../config/config-store.ts";
import type { ReleaseFacts } from "../../releases.ts";
import type { ServerAssignor } from "./assignors/server-assignor.ts";
import type { GroupSettings } from "./transition.ts";

const INTERVAL = "consumer.assignment.interval.ms";
const REFRESH = "group.consumer.regex.refresh.interval.ms";
/** Of the releases that have no key for it. */
const FIXED_REFRESH_MS = 600_000;

export function groupSettings(
  configs: ConfigStore,
  release: ReleaseFacts,
  assignors: readonly ServerAssignor[],
  groupId: string,
): GroupSettings {
  return {
    assignors,
    maxSize: configs.number("group.consumer.max.size"),
    assignmentIntervalMs: configs.groupDefinitions.has(INTERVAL) ? configs.ofGroup(groupId, INTERVAL) : 0,
    patternRefreshMs: configs.brokerDefinitions.has(REFRESH) ? configs.number(REFRESH) : FIXED_REFRESH_MS,
    rules: release.consumerGroups,
  };
}
