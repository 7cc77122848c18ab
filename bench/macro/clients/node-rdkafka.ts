import { serve } from "../worker.ts";
import { librdkafka } from "./librdkafka.ts";

await serve((setup) => librdkafka("node-rdkafka", setup));
