import { profileAt } from "../../messenger-platform/profile.ts";
import type { ProfileSource } from "../connector.ts";
import type { Secrets, Settings } from "./settings.ts";

/** The name that people show on Facebook. */
export const profiles: ProfileSource<Settings, Secrets> = {
  profile: (address, account, http) =>
    profileAt(
      {
        nodes: `https://graph.facebook.com/${account.settings.graphVersion}`,
        fields: "first_name,last_name,name",
        nameIn: ({ name, first_name, last_name }) => name || [first_name, last_name].filter(Boolean).join(" "),
      },
      address,
      { account, http },
    ),
};
