/** Version of this package, as brokers are told; a test holds it to package.json. */
export const VERSION = "0.1.0";
