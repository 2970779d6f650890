import { mount } from 'svelte';
import '$ui/base.css';
import { theme } from '$ui/theme.svelte';
import App from './App.svelte';

theme.apply();
const target = document.getElementById('app');
if (target) mount(App, { target });
