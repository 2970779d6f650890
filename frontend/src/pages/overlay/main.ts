import { start } from '$ui/start';
import App from './App.svelte';

// Laid over a film by OBS: light words on a dark card can be read on any of them.
start(App, 'dark');
