import { start } from '$ui/start';
import App from './App.svelte';

// Dark unless chosen otherwise: a lit studio wants a calm screen.
start(App, 'dark');
