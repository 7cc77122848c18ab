/** Makes `messages.golden.jsonl` anew with Kafka's own classes: `npx tsx test/golden/make.ts`. */

import { writeCommitted } from "./committed.ts";

console.log(`${await writeCommitted()} messages written to messages.golden.jsonl`);
