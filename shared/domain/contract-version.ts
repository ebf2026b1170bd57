/**
 * The version of the public contract (docs/decisions/0030-contract-versions.md): the first number is that of the paths
 * (`/v1`), the second rises with every addition, the third with words alone.
 */
export const CONTRACT_VERSION = "1.0.0";
