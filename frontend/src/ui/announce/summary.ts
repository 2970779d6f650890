/** An announcement in one line: its first words. */
import type { Variant } from '$wire/types';

export function summary(variants: readonly Variant[] = []): string {
  const [first] = variants;
  return first ? [first.product?.name, first.text].filter(Boolean).join(' · ') : '';
}
