// What happens when a control is used.

import { confirmed } from "./dialogs.js";

/** What a control does when it is used: asks first if it should, then tells the app, and shows what went wrong. */
export async function use(node, element, block, context, deed) {
  if (element.confirm && !(await confirmed(element.confirm, context))) return false;
  node.setAttribute("aria-busy", "true");
  const place = { who: context.me, block: block.block_id ?? "", action: element.action_id ?? "", ...context.place };
  const answer = await context.act({ ...place, ...deed });
  node.removeAttribute("aria-busy");
  context.failed?.(answer, node);
  return true;
}
