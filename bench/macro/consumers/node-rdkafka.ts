import { serveConsumer } from "../consume-worker.ts";
import { librdkafka } from "./librdkafka.ts";

await serveConsumer((setup, meter) => librdkafka("node-rdkafka", setup, meter));
