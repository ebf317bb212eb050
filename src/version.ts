/** The instrumentation scope's name, which is the package's. */
export const PACKAGE_NAME = 'opentelemetry-instrumentation-anthropic';
/** The package's version. A test holds it to `package.json`. */
export const PACKAGE_VERSION = '0.1.0';
