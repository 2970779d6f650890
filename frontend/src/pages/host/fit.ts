/** Type as large as the room allows. */
import type { Attachment } from 'svelte/attachments';

/** Where the page scrolls there is always room; the style sheet's own size holds there. */
const BOUNDED = '(min-width: 900px) and (min-height: 560px)';

/**
 * Sets the font size of an element's only child between two bounds (CSS pixels) so that the column
 * that the element stands in does not overflow, and again whenever text or room changes.
 */
export function fit(smallest: number, largest: number): Attachment<HTMLElement> {
  return (room) => {
    const words = room.firstElementChild;
    const column = room.parentElement;
    if (!(words instanceof HTMLElement) || !column) return;
    const bounded = matchMedia(BOUNDED);
    const free = (): number => {
      const others = [...column.children].filter((each) => each !== room);
      const taken = others.reduce((sum, each) => sum + each.getBoundingClientRect().height, 0);
      return column.clientHeight - taken - others.length * parseFloat(getComputedStyle(column).rowGap);
    };
    const measure = (): void => {
      if (!bounded.matches) {
        words.style.fontSize = '';
        return;
      }
      let low = smallest;
      let high = largest;
      const fits = (size: number): boolean => {
        words.style.fontSize = `${size}px`;
        return words.scrollHeight <= free() && words.scrollWidth <= room.clientWidth;
      };
      if (fits(high)) return;
      while (high - low > 1) {
        const middle = Math.floor((low + high) / 2);
        if (fits(middle)) low = middle;
        else high = middle;
      }
      fits(low);
    };
    const resized = new ResizeObserver(measure);
    resized.observe(column);
    const changed = new MutationObserver(measure);
    changed.observe(words, { childList: true, characterData: true, subtree: true });
    void document.fonts.ready.then(measure);
    measure();
    return () => {
      resized.disconnect();
      changed.disconnect();
    };
  };
}
