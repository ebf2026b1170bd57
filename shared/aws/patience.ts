/**
 * How long a call to AWS may take before it counts as lost. The SDK would wait without end, and a socket that hangs would
 * take the whole invocation with it. In milliseconds.
 */
export const PATIENCE = {
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
};
