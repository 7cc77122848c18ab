/**
 * ListGroups (key 16): which groups a broker coordinates. Admin clients send it to every broker and join the
 * answers. A principal that may describe the cluster sees all groups, any other those that it may describe.
 *
 * Versions: 1 adds the throttle time (KIP-124); 2 is answered before the throttling (KIP-219); 3 is flexible;
 * 4 adds states (KIP-518); 5 adds types (KIP-848).
 *
 * Errors, which concern that broker alone: COORDINATOR_NOT_AVAILABLE and COORDINATOR_LOAD_IN_PROGRESS. Ask it
 * again after a pause, since its groups are missing from the list until then.
 */

import { int16, int32, string } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

/** Asks for all groups, or for some states and types of them. */
export const ListGroupsRequest = request({
  apiKey: 16,
  validVersions: "0-5",
  flexibleVersions: "3+",
  fields: {
    /** States that are wanted, such as `Stable`; none for all. */
    statesFilter: field("4+", array(string)),
    /** Types that are wanted: `classic`, `consumer`, `share` or `streams`; none for all. */
    typesFilter: field("5+", array(string)),
  },
});
export type ListGroupsRequest = Infer<typeof ListGroupsRequest>;

/** The groups of this broker. */
export const ListGroupsResponse = response({
  apiKey: 16,
  validVersions: "0-5",
  flexibleVersions: "3+",
  fields: {
    /** How long the broker mutes this connection because of a quota; 0 for not at all. */
    throttleTimeMs: field("1+", int32, { ignorable: true }),
    errorCode: field("0+", int16),
    groups: field(
      "0+",
      array(
        struct("ListedGroup", {
          groupId: field("0+", string),
          /**
           * `consumer`, `connect`, `share`, `streams` or what else members made up; empty for a classic group
           * that only keeps offsets.
           */
          protocolType: field("0+", string),
          /** As the group's kind of describe request would say it. */
          groupState: field("4+", string, { ignorable: true }),
          /** `classic`, `consumer`, `share` or `streams`, by the protocol that the group goes by. */
          groupType: field("5+", string, { ignorable: true }),
        }),
      ),
    ),
  },
});
export type ListGroupsResponse = Infer<typeof ListGroupsResponse>;
