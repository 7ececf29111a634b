/** The connection URL cannot be used. The message names the fault and the remedy and repeats nothing of the URL. */
export class DatabaseUrlError extends Error {
  override name = 'DatabaseUrlError';
}
