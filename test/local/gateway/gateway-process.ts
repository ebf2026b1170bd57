/** A gateway in a process of its own, to be killed: prints its address once it answers. */
import { startGateway } from "../../../local/gateway/gateway.ts";
import { ACCOUNT, administrator, REGION } from "./world.ts";

const gateway = await startGateway({ dataDir: process.argv[2] ?? "", region: REGION, accountId: ACCOUNT });
gateway.addPrincipal(administrator);
console.log(gateway.url);
process.once("disconnect", () => process.exit());
