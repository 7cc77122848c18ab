/** Takes what the client has to say beside its results. `console` is one. */
export interface Logger {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
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
