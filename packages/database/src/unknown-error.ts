/** Reading thrown values without trusting what they are: errors of Node may come from another realm. */

export const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && name in value ? Reflect.get(value, name) : undefined;

export const textProperty = (value: unknown, name: string): string | undefined => {
  const found = property(value, name);
  return typeof found === 'string' ? found : undefined;
};

export const codeOf = (error: unknown): string | undefined => textProperty(error, 'code');

export const messageOf = (error: unknown): string => textProperty(error, 'message') ?? String(error);
