import { start } from '$ui/start';
import App from './App.svelte';

start(App);
