/**
 * ListGroups, v0-5: the groups that the broker coordinates, of all kinds.
 *
 * - v4: filtered by state. v5: by kind (KIP-848). A state or a kind that there is not fits no group.
 */

import { ListGroupsRequest, ListGroupsResponse } from "../../protocol/messages/list-groups.ts";
import { serve } from "../api.ts";
import { NONE } from "../error-code.ts";
import { CLUSTER_NAME } from "../security/authorizer.ts";

export const ListGroups = serve({
  request: ListGroupsRequest,
  response: ListGroupsResponse,
  refuse: (_request, errorCode) => ({ errorCode }),
  handle: ({ statesFilter, typesFilter }, context) => {
    const { groups } = context.cluster;
    const states = statesFilter.map((state) => state.toLowerCase());
    const kinds = typesFilter.map((kind) => kind.toLowerCase());
    const mayListAll = context.allows("DESCRIBE", "CLUSTER", CLUSTER_NAME);
    const listed = [...groups.all].filter(
      ({ groupId, state, kind }) =>
        groups.refusalOf(groupId, context.broker) === NONE &&
        (states.length === 0 || states.includes(state.toLowerCase())) &&
        (kinds.length === 0 || kinds.includes(kind)) &&
        (mayListAll || context.allows("DESCRIBE", "GROUP", groupId)),
    );
    return {
      groups: listed.map(({ groupId, protocolType, state, kind }) => ({
        groupId,
        protocolType,
        groupState: state,
        groupType: kind,
      })),
    };
  },
});
