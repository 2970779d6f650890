/** The desks of the house that questions are sent to. */
import { m } from '$messages';

export const DESKS = ['after_sales', 'sales', 'staff', 'partners'] as const;
export type DeskId = (typeof DESKS)[number];

export function deskName(desk: string): string {
  const names: Record<DeskId, () => string> = {
    after_sales: m.mod_desk_after_sales,
    sales: m.mod_desk_sales,
    staff: m.mod_desk_staff,
    partners: m.mod_desk_partners,
  };
  return desk in names ? names[desk as DeskId]() : desk;
}
