import { escapeControls } from "../escape.ts";
import type { Login } from "../libpq/login.ts";
import { answered, prompts } from "./prompts.ts";

/** Asks for a login's password, unseen. Unchanged where none is given. Throws `CANCELLED`. */
export async function askPassword(login: Login, whose = login.username): Promise<Login> {
  const { password } = await prompts();
  const message = `Password of ${escapeControls(whose)} (empty where none is needed)`;
  const given = ((await answered(password({ message }))) as string | undefined) ?? "";
  return given === "" ? login : { ...login, password: given };
}
