/** What the team said to what was written; nobody needs it in the first moment. */
export { default as SaidNote } from './SaidNote.svelte';
export { default as Yours } from './Yours.svelte';
export { tellAnswers } from './told';
