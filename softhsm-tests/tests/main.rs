//! Every end-to-end test: one property a file, the file's name says which.
#![forbid(unsafe_code)]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "helpers of tests too: what fails here is a failed test")]

// The harness itself and what is shipped beside the programs; these need no daemon.
mod a_kryoptic_key_locks_at_the_tenth_wrong_pin;
mod bus_policy_lets_only_the_daemon_own_the_name_and_call_agents;
mod each_test_has_a_machine_of_its_own;
mod lab_bench;
mod lab_calls_go_wrong_on_demand;
mod lab_keys_are_plugged_in_and_out;
mod lab_pins_are_counted_for_every_process;
mod lab_serves_the_daemon_too;
mod memory_search_and_captures_find_what_is_there;
mod polkit_actions_follow_seat_and_group;
mod scripted_pinentry_speaks_assuan;
mod test_key_signs_and_the_spy_counts;

// Signing.
mod a_large_file_is_signed_in_constant_memory;
mod every_algorithm_makes_signatures_that_openssl_accepts;
mod twenty_callers_at_once_all_get_right_signatures;

// PINs, logins, dialogs.
mod a_pin_is_changed_by_who_knows_it;
mod a_technician_unlocks_a_locked_key;
mod the_tenth_wrong_pin_waits_for_a_confirmation;
mod tries_are_counted_for_every_kind_of_key;
mod wrong_entries_are_remembered_across_restarts;
mod a_dialog_ends_with_those_who_need_it;
mod a_login_belongs_to_one_user;
mod no_pin_on_the_bus_in_files_or_in_memory;
mod the_dialog_says_who_asks_for_what;
mod wrong_pin_uses_exactly_one_try;

// Who may.
mod strangers_get_nothing_from_agents;
mod who_may_not_is_refused;

// What goes wrong.
mod a_dead_module_harms_only_itself;
mod a_removed_key_says_so_and_comes_back;
mod a_short_soak_leaks_nothing;
mod bad_arguments_have_named_errors;
mod bad_descriptors_have_named_errors;
mod installation_mistakes_are_named;

// The contract with other programs.
mod programs_in_other_languages_sign;
mod signatures_and_logins_are_recorded;
mod state_changes_are_announced;
mod the_xml_and_the_running_daemon_say_the_same;
mod ukeyctl_does_it_all_and_tells_by_exit_code;
