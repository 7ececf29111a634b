/** The only place of this package that reads the environment. */
export const environment: NodeJS.ProcessEnv = process.env;
