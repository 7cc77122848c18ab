import { int16, int32, int64, uuid } from "../primitives.ts";
import { array, field, type Infer, request, response, struct } from "../schema.ts";

export const AssignReplicasToDirsRequest = request({
  apiKey: 73,
  name: "AssignReplicasToDirsRequest",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    brokerId: field("0+", int32),
    brokerEpoch: field("0+", int64, { default: -1n }),
    directories: field(
      "0+",
      array(
        struct("DirectoryData", {
          id: field("0+", uuid),
          topics: field(
            "0+",
            array(
              struct("TopicData", {
                topicId: field("0+", uuid),
                partitions: field(
                  "0+",
                  array(
                    struct("PartitionData", {
                      partitionIndex: field("0+", int32),
                    }),
                  ),
                ),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AssignReplicasToDirsRequest = Infer<typeof AssignReplicasToDirsRequest>;

export const AssignReplicasToDirsResponse = response({
  apiKey: 73,
  name: "AssignReplicasToDirsResponse",
  validVersions: "0",
  flexibleVersions: "0+",
  fields: {
    throttleTimeMs: field("0+", int32),
    errorCode: field("0+", int16),
    directories: field(
      "0+",
      array(
        struct("DirectoryData", {
          id: field("0+", uuid),
          topics: field(
            "0+",
            array(
              struct("TopicData", {
                topicId: field("0+", uuid),
                partitions: field(
                  "0+",
                  array(
                    struct("PartitionData", {
                      partitionIndex: field("0+", int32),
                      errorCode: field("0+", int16),
                    }),
                  ),
                ),
              }),
            ),
          ),
        }),
      ),
    ),
  },
});
export type AssignReplicasToDirsResponse = Infer<typeof AssignReplicasToDirsResponse>;
