/**
 * Takes what the client has to say beside its results. `console` is one, and so are the loggers of pino and winston.
 * Credentials are never part of it; names of topics, users and brokers are. What a method throws is dropped.
 */
export interface Logger {
  /** What happens all the time and may be of use when something else goes wrong: connections, retries. */
  debug(message: string): void;
  /** What happens now and then and is dealt with: a connection that was lost. */
  info(message: string): void;
  /** What somebody should look into, though the client goes on: a broker that cannot be reached, a long wait. */
  warn(message: string): void;
  /** What is wrong in the program: a listener that throws, a wait that outlives its deadline. */
  error(message: string): void;
}

const silent = (): void => {};

/** The default: warnings and errors go to the console, the rest nowhere. */
export const defaultLogger: Logger = {
  debug: silent,
  info: silent,
  warn: (message) => console.warn(`kafkawire: ${message}`),
  error: (message) => console.error(`kafkawire: ${message}`),
};

/** The same logger, whose own failure is not that of whoever has something to say. */
export function unfailing(logger: Logger): Logger {
  const tell =
    (level: keyof Logger) =>
    (message: string): void => {
      try {
        logger[level](message);
      } catch {
        // There is nobody left to tell.
      }
    };
  return { debug: tell("debug"), info: tell("info"), warn: tell("warn"), error: tell("error") };
}
