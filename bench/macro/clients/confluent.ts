import { serve } from "../worker.ts";
import { librdkafka } from "./librdkafka.ts";

await serve((setup) => librdkafka("@confluentinc/kafka-javascript", setup));
