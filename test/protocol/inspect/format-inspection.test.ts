/** Dumps to be checked by hand, and what a dump must never do to a terminal. */

import { describe, expect, it } from "vitest";
import { encode } from "../../../src/protocol/compile.ts";
import { formatInspection } from "../../../src/protocol/inspect/format-inspection.ts";
import { inspect } from "../../../src/protocol/inspect/inspect.ts";
import { inspectFrame } from "../../../src/protocol/inspect/inspect-frame.ts";
import { ApiVersionsRequest } from "../../../src/protocol/messages/api-versions.ts";
import { FetchResponse } from "../../../src/protocol/messages/fetch.ts";
import { MetadataRequest } from "../../../src/protocol/messages/metadata.ts";
import { ProduceRequest } from "../../../src/protocol/messages/produce.ts";
import { RecordBatchBuilder } from "../../../src/protocol/records/record-batch-builder.ts";
import { gzip } from "../records/support.ts";
import { frameOf } from "./frames.ts";

function batch(options: { readonly compressed?: boolean } = {}): Uint8Array {
  const builder = new RecordBatchBuilder();
  builder.append(1_700_000_000_000, "42", "paid", [{ key: "source", value: "web" }]);
  builder.append(1_700_000_000_007, null, "x".repeat(40));
  return builder.build({ compression: options.compressed === true ? gzip : null }) as Uint8Array;
}

describe("formatInspection", () => {
  it("prints a request with its frame and header", () => {
    const value = { clientSoftwareName: "kafkawire", clientSoftwareVersion: "0.1.0" };
    const frame = frameOf(ApiVersionsRequest, 3, value, { correlationId: 1, clientId: "billing" });
    expect(`\n${formatInspection(inspectFrame(frame, "request"))}\n`).toMatchInlineSnapshot(`
      "
      0000  00 00 00 23              request                    frame            35 bytes
                                       RequestHeader                             version 2
      0004  00 12                        requestApiKey          int16            18 (ApiVersions)
      0006  00 03                        requestApiVersion      int16            3
      0008  00 00 00 01                  correlationId          int32            1
      000c  00 07                        clientId               nullable string  7 bytes
      000e  62 69 6c 6c 69 6e 67                                utf-8            "billing"
      0015  00                           taggedFields           tagged fields    0 fields
                                       ApiVersionsRequest                        version 3
      0016  0a                           clientSoftwareName     compact string   9 bytes, written as 10
      0017  6b 61 66 6b 61 77 69 72                             utf-8            "kafkawire"
      001f  65
      0020  06                           clientSoftwareVersion  compact string   5 bytes, written as 6
      0021  30 2e 31 2e 30                                      utf-8            "0.1.0"
      0026  00                           taggedFields           tagged fields    0 fields
      "
    `);
  });

  it("prints null, unknown tagged fields, and a message that is cut off", () => {
    const bytes = encode(MetadataRequest, 12, {
      topics: [{ name: null }, { name: "orders" }],
      unknownTaggedFields: [{ tag: 300, data: Uint8Array.of(1, 2, 3) }],
    });
    expect(`\n${formatInspection(inspect(MetadataRequest, 12, bytes))}\n`).toMatchInlineSnapshot(`
      "
                                     MetadataRequest                                              version 12
      0000  03                         topics                            compact nullable array   2 elements, written as 3
                                         [0]                             MetadataRequestTopic
      0001  00 00 00 00 00 00 00 00        topicId                       uuid                     AAAAAAAAAAAAAAAAAAAAAA
      0009  00 00 00 00 00 00 00 00
      0011  00                             name                          compact nullable string  null, written as 0
      0012  00                             taggedFields                  tagged fields            0 fields
                                         [1]                             MetadataRequestTopic
      0013  00 00 00 00 00 00 00 00        topicId                       uuid                     AAAAAAAAAAAAAAAAAAAAAA
      001b  00 00 00 00 00 00 00 00
      0023  07                             name                          compact nullable string  6 bytes, written as 7
      0024  6f 72 64 65 72 73                                            utf-8                    "orders"
      002a  00                             taggedFields                  tagged fields            0 fields
      002b  01                         allowAutoTopicCreation            bool                     true
      002c  00                         includeTopicAuthorizedOperations  bool                     false
      002d  01                         taggedFields                      tagged fields            1 field
      002e  ac 02                        unknownTaggedFields[0]          unknown tagged field     tag 300
      0030  03                                                           tagged field size        3 bytes
      0031  01 02 03                       data                          bytes                    3 bytes
      "
    `);
    const cut = inspect(MetadataRequest, 12, bytes.subarray(0, 40));
    expect(`\n${formatInspection(cut, { maxDepth: 2 })}\n`).toMatchInlineSnapshot(`
      "
                                     MetadataRequest                          version 12
      0000  03                         topics         compact nullable array  2 elements, written as 3
      0001  00 00 00 00 00 00 00 00      [0]          MetadataRequestTopic
      0009  00 00 00 00 00 00 00 00
      0011  00 00
      0013  00 00 00 00 00 00 00 00      [1]          MetadataRequestTopic
      001b  00 00 00 00 00 00 00 00
      0023  07
      0024  6f 72 64 65                               unread                  6 more bytes are needed and 4 are left
      ! byte 36 (0x24), MetadataRequest.topics[1].name: 6 more bytes are needed and 4 are left
      "
    `);
  });

  it("prints a record batch and its records", () => {
    const bytes = encode(ProduceRequest, 9, {
      acks: -1,
      timeoutMs: 30_000,
      topicData: [{ name: "orders", partitionData: [{ index: 0, records: batch() }] }],
    });
    expect(`\n${formatInspection(inspect(ProduceRequest, 9, bytes))}\n`).toMatchInlineSnapshot(`
      "
                                     ProduceRequest                                                version 9
      0000  00                         transactionalId                   compact nullable string   null, written as 0
      0001  ff ff                      acks                              int16                     -1
      0003  00 00 75 30                timeoutMs                         int32                     30000
      0007  02                         topicData                         compact array             1 element, written as 2
                                         [0]                             TopicProduceData
      0008  07                             name                          compact string            6 bytes, written as 7
      0009  6f 72 64 65 72 73                                            utf-8                     "orders"
      000f  02                             partitionData                 compact array             1 element, written as 2
                                             [0]                         PartitionProduceData
      0010  00 00 00 00                        index                     int32                     0
      0014  85 01                              records                   compact nullable records  132 bytes, written as 133
                                                 batches[0]              record batch              magic 2
      0016  00 00 00 00 00 00 00 00                baseOffset            int64                     0
      001e  00 00 00 78                            batchLength           int32                     120 bytes
      0022  ff ff ff ff                            partitionLeaderEpoch  int32                     -1
      0026  02                                     magic                 int8                      2
      0027  dd 49 14 be                            crc                   uint32                    3712554174 (0xdd4914be, matches)
      002b  00 00                                  attributes            int16                     0 (no compression, CREATE_TIME)
      002d  00 00 00 01                            lastOffsetDelta       int32                     1 (last offset 1)
      0031  00 00 01 8b cf e5 68 00                baseTimestamp         int64                     1700000000000 (2023-11-14T22:13:20.000Z)
      0039  00 00 01 8b cf e5 68 07                maxTimestamp          int64                     1700000000007 (2023-11-14T22:13:20.007Z)
      0041  ff ff ff ff ff ff ff ff                producerId            int64                     -1 (none)
      0049  ff ff                                  producerEpoch         int16                     -1 (none)
      004b  ff ff ff ff                            baseSequence          int32                     -1 (none)
      004f  00 00 00 02                            recordCount           int32                     2 records
      0053  2e                                     records[0]            record                    23 bytes
      0054  00                                       attributes          int8                      0
      0055  00                                       timestampDelta      varlong                   0 (2023-11-14T22:13:20.000Z)
      0056  00                                       offsetDelta         varint                    0 (offset 0)
      0057  04                                       key                 nullable bytes            2 bytes
      0058  34 32                                                        bytes                     "42"
      005a  08                                       value               nullable bytes            4 bytes
      005b  70 61 69 64                                                  bytes                     "paid"
      005f  02                                       headers             array                     1 element
                                                       [0]               header
      0060  0c                                           key             string                    6 bytes
      0061  73 6f 75 72 63 65                                            utf-8                     "source"
      0067  06                                           value           nullable bytes            3 bytes
      0068  77 65 62                                                     bytes                     "web"
      006b  5c                                     records[1]            record                    46 bytes
      006c  00                                       attributes          int8                      0
      006d  0e                                       timestampDelta      varlong                   7 (2023-11-14T22:13:20.007Z)
      006e  02                                       offsetDelta         varint                    1 (offset 1)
      006f  01                                       key                 nullable bytes            null
      0070  50                                       value               nullable bytes            40 bytes
      0071  78 78 78 78 78 78 78 78                                      bytes                     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
      0079  78 78 78 78 78 78 78 78
            … 24 more bytes
      0099  00                                       headers             array                     0 elements
      009a  00                                 taggedFields              tagged fields             0 fields
      009b  00                             taggedFields                  tagged fields             0 fields
      009c  00                         taggedFields                      tagged fields             0 fields
      "
    `);
  });

  it("prints what was decompressed with offsets of its own", () => {
    const bytes = encode(FetchResponse, 4, {
      responses: [{ topic: "t", partitions: [{ records: batch({ compressed: true }) }] }],
    });
    const dump = formatInspection(inspect(FetchResponse, 4, bytes, { codecs: [gzip] }));
    expect(dump).toMatch(/^ 00[0-9a-f]{2} {2}1f 8b 08 .* records +gzip data +\d+ bytes$/m);
    expect(dump).toMatch(/^ {30,}decompressed +decompressed gzip data +71 bytes$/m);
    expect(dump).toMatch(/^\+0005 {2}34 32 +bytes +"42"$/m);
  });

  it.each(["", "x"])("cuts no character in half where it shortens, after %j", (before) => {
    const bytes = encode(MetadataRequest, 12, { topics: [{ name: before + "😀".repeat(60) }] });
    expect(formatInspection(inspect(MetadataRequest, 12, bytes), { width: 60 })).toMatch(
      new RegExp(`"${before}(😀){20,21}…$`, "mu"),
    );
  });

  it("shortens long values to the width, and shows 16 bytes a line where there is room", () => {
    const bytes = encode(MetadataRequest, 0, { topics: [{ name: "x".repeat(200) }] });
    const inspection = inspect(MetadataRequest, 0, bytes);
    const narrow = formatInspection(inspection, { width: 80 });
    expect(narrow).toContain(`"${"x".repeat(42)}…`);
    expect(narrow).toMatch(/^0006 {2}(78 ){7}78 /m);
    expect(narrow).toContain("… 184 more bytes");
    const wide = formatInspection(inspection, { width: 160 });
    expect(wide).toMatch(/^0006 {2}(78 ){15}78 /m);
    expect(wide.split("\n").every((line) => line.length <= 160)).toBe(true);
  });

  it("colours where it is asked to, and says the same", () => {
    const inspection = inspect(MetadataRequest, 1, Uint8Array.of(0, 0, 0, 1, 0, 9));
    const plain = formatInspection(inspection);
    const coloured = formatInspection(inspection, { color: true });
    expect(plain).not.toContain("\x1b");
    expect(coloured).toContain("\x1b[31m! byte 6 (0x6), MetadataRequest.topics[0].name: ");
    // biome-ignore lint/suspicious/noControlCharactersInRegex: it is these that are looked for
    expect(coloured.replaceAll(/\x1b\[\d+m/g, "")).toBe(plain);
  });

  it("escapes what a terminal could take for a command", () => {
    const name = "\x1b[2J\u009b31m\u202e\u2028\x7f\r\u{e0001}é世";
    const inspection = inspect(MetadataRequest, 0, encode(MetadataRequest, 0, { topics: [{ name }] }));
    const dump = formatInspection(inspection, { width: 200 });
    expect(dump).toContain('"\\u001b[2J\\u009b31m\\u202e\\u2028\\u007f\\r\\u{e0001}é世"');
    expect(dump).not.toMatch(/[^\P{C}\n]/u);
  });

  it("prints as many lines as there are", () => {
    const topics = Array.from({ length: 45_000 }, () => ({ name: "t" }));
    const inspection = inspect(MetadataRequest, 0, encode(MetadataRequest, 0, { topics }));
    expect(formatInspection(inspection).split("\n").length).toBeGreaterThan(130_000);
  }, 30_000);
});
